import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../../src/stores/folder/journal/digest.ts'
import {
  decodeFrames,
  encodeFrame,
  encodeHeader,
  epochBytes,
  type Frame,
  pageBytes,
} from '../../../../src/stores/folder/journal/frame.ts'

const epoch = randomBytes(epochBytes)
const frameOf = (mark: string, bytes = 1_600): Frame => ({
  at: 1_795_973_109_277,
  rows: [
    { name: `session-${mark}.0.json`, content: Buffer.alloc(bytes, mark), replaces: [digestOf(Buffer.from(mark))] },
    { name: `pre-key-${mark}.json`, content: null, replaces: undefined },
  ],
})
const journalOf = (frames: readonly Frame[], of = epoch): Buffer =>
  Buffer.concat([encodeHeader(of), ...frames.map((frame, number) => encodeFrame(of, number, frame))])

describe('a journal', () => {
  test('gives back what it was given, whatever it is', () => {
    const row = fc.record({
      name: fc
        .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
        .map((text) => `${text.replace(/[/\0]/g, '')}.json`),
      content: fc.option(fc.uint8Array({ maxLength: 9_000 }).map((bytes) => Buffer.from(bytes))),
      replaces: fc.option(
        fc.array(
          fc.uint8Array().map((bytes) => digestOf(bytes)),
          { maxLength: 3 },
        ),
        { nil: undefined },
      ),
    })
    const frames = fc.array(fc.record({ at: fc.nat(), rows: fc.array(row, { maxLength: 4 }) }), { maxLength: 6 })
    fc.assert(
      fc.property(frames, (written) => {
        expect(decodeFrames(journalOf(written))).toEqual({ frames: written, spoilt: false })
      }),
    )
  })

  test('that ends at any byte of its last frame holds the frames before it, and nothing of that one', () => {
    const [first, second] = [frameOf('a'), frameOf('b', 6_000)]
    const whole = journalOf([first, second])
    const from = journalOf([first]).length
    const end = from + 44 + 6_000 // what is behind the content of the first row may be zeros
    for (let at = from; at < end; at += 1) {
      const cut = decodeFrames(whole.subarray(0, at))
      const zeroed = decodeFrames(Buffer.concat([whole.subarray(0, at), Buffer.alloc(whole.length - at)]))
      for (const { frames } of [cut, zeroed])
        if (frames.length !== 1) throw new Error(`${frames.length} frames at byte ${at}`)
    }
    expect(decodeFrames(whole.subarray(0, end)).frames).toEqual([first])
    expect(decodeFrames(whole).frames).toEqual([first, second])
  })

  test('with any byte of a frame changed holds the frames before it alone', () => {
    const frames = [frameOf('a'), frameOf('b', 100)]
    const whole = journalOf(frames)
    const from = journalOf(frames.slice(0, 1)).length
    const used = 44 + 2 + 'session-b.0.json'.length + 2 + 16 + 4 + 100 + 2 + 'pre-key-b.json'.length + 2 + 4
    for (let at = from; at < from + used; at += 1) {
      const changed = Buffer.from(whole)
      changed.writeUInt8((changed.readUInt8(at) + 1) % 256, at)
      if (decodeFrames(changed).frames.length !== 1) throw new Error(`not found at byte ${at}`)
    }
  })

  test('whose blocks were written in another order, some of them not at all, holds what is whole up to there', () => {
    const [first, second] = [frameOf('a'), frameOf('b', 6_000)]
    const [before, after] = [journalOf([first]), journalOf([first, second])]
    const blocks = (after.length - before.length) / 512
    fc.assert(
      fc.property(fc.uint8Array({ minLength: blocks, maxLength: blocks }), (luck) => {
        const found = Buffer.from(after)
        let lost = false
        for (const [at, one] of luck.entries()) {
          if (one % 2 === 0) continue
          const block = found.subarray(before.length + at * 512, before.length + (at + 1) * 512)
          lost ||= block.some((byte) => byte !== 0)
          block.fill(0)
        }
        expect(decodeFrames(found)).toEqual({ frames: lost ? [first] : [first, second], spoilt: false })
      }),
    )
  })

  test('that was emptied holds nothing, whatever its last epoch left behind, and then what was written over it', () => {
    const older = journalOf([frameOf('a'), frameOf('b'), frameOf('c')])
    const next = randomBytes(epochBytes)
    const emptied = Buffer.concat([encodeHeader(next), older.subarray(pageBytes)])
    expect(decodeFrames(emptied)).toEqual({ frames: [], spoilt: false })
    const frame = encodeFrame(next, 0, frameOf('d'))
    const written = Buffer.concat([encodeHeader(next), frame, older.subarray(pageBytes + frame.length)])
    expect(decodeFrames(written)).toEqual({ frames: [frameOf('d')], spoilt: false })
  })

  test('whose header was torn while it was emptied holds nothing, and says that it may have', () => {
    const journal = journalOf([frameOf('a')])
    journal.fill(0, 20, 24)
    expect(decodeFrames(journal)).toEqual({ frames: [], spoilt: true })
    expect(decodeFrames(Buffer.alloc(3 * pageBytes))).toEqual({ frames: [], spoilt: false })
    expect(decodeFrames(Buffer.alloc(0))).toEqual({ frames: [], spoilt: false })
  })

  test('of which a frame in the middle was spoilt says so, and is believed up to there', () => {
    const frames = [frameOf('a'), frameOf('b'), frameOf('c')]
    const journal = journalOf(frames)
    journal.fill('x', journalOf(frames.slice(0, 1)).length + 100, journalOf(frames.slice(0, 1)).length + 110)
    expect(decodeFrames(journal)).toEqual({ frames: frames.slice(0, 1), spoilt: true })
  })

  test('never names a file outside its folder', () => {
    const named = (name: string) => ({ at: 1, rows: [{ name, content: Buffer.from('{}'), replaces: [] }] })
    const names = ['../creds.json', '/etc/passwd', '..', '.', '', 'a/b', 'odd-back\\slash.json']
    const { frames } = decodeFrames(journalOf(names.map(named)))
    const kept = frames.flatMap(({ rows }) => rows.map(({ name }) => name))
    expect(kept).toEqual(process.platform === 'win32' ? [] : ['odd-back\\slash.json'])
  })
})
