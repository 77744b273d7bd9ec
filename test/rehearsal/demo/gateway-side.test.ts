import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { answerTo } from '../../../src/rehearsal/demo/bot.ts'
import { GatewaySide } from '../../../src/rehearsal/demo/gateway-side.ts'
import type { LoopSaid } from '../../../src/rehearsal/demo/loop-process.ts'
import { through, timersAlone } from '../own-clock.ts'

afterEach(() => void vi.useRealTimers())

async function made() {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-side-'))
  timersAlone()
  const did: string[] = []
  const told: string[] = []
  const begun: unknown[] = []
  const loops: { say: (said: LoopSaid) => void; ended: boolean }[] = []
  const contact = {
    received: [] as string[],
    send: async (_to: unknown, text: string) => void did.push(`${text} at ${performance.now() - startedAt}`),
  }
  const devices = [{}]
  const phone = { scan: async (code: string) => void did.push(`scans ${code}`), devices: () => devices }
  const server = {
    ...{ url: 'ws://there', rootKey: 'ab', contact: () => contact, phone: () => phone },
    clear: () => void did.push('clear'),
    stop: async () => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      did.push('server stopped')
    },
  }
  const side = new GatewaySide(server as never, {
    ...{ side: 'alone', place, policy: 'policy.json', tell: (text) => void told.push(text) },
    begin: (of, say) => {
      begun.push(of)
      const loop = { say, ended: false }
      loops.push(loop)
      return {
        get ended() {
          return loop.ended
        },
        kill: async () => {
          await Promise.resolve()
          loop.ended = true
          did.push('killed')
        },
      }
    },
  })
  await mkdir(side.folder)
  const startedAt = performance.now()
  const say = (said: LoopSaid) => loops.at(-1)?.say(said)
  /** The time after which it is given up. */
  const within = (ms: number) => {
    const until = performance.now() + ms
    return () => performance.now() >= until
  }
  return { side, place, did, told, begun, loops, contact, devices, say, within }
}

describe('one of the two', () => {
  test('has a process of its own, and says what it did and was told, of a code once', async () => {
    const { side, place, begun, told, say, loops } = await made()
    expect(side.ended).toBe(true)
    side.start()
    expect([side.ended, begun]).toEqual([
      false,
      [{ side: 'alone', place, policy: 'policy.json', folder: join(place, 'auth'), url: 'ws://there', rootKey: 'ab' }],
    ])
    for (const code of ['one', 'two']) say({ type: 'code', code })
    say({ type: 'open' })
    say({ type: 'read' })
    say({ type: 'close', code: 503 })
    say({ type: 'close' })
    say({ type: 'code', code: 'three' })
    say({ type: 'exit', code: 1 })
    expect(told.splice(0)).toEqual([
      ...['shows a code to scan', 'is connected', 'is told a close, 503', 'is told a close, without a code'],
      ...['shows a code to scan', 'ends with exit code 1'],
    ])
    say({ type: 'given-up' })
    expect([side.ended, told.splice(0)]).toEqual([true, ['dials no more']])
    // Begun anew, it has given up nothing, and what the one before says is of no account.
    side.start()
    loops[0]?.say({ type: 'given-up' })
    expect([side.ended, told]).toEqual([false, []])
    await side.kill()
    await side.kill()
    expect([side.ended, loops[1]?.ended]).toEqual([true, true])
    loops[1]?.say({ type: 'exit', code: 0 })
    expect(told).toEqual([])
  })

  test('is linked by the newest code that it shows, if it shows one in time and lives', async () => {
    const { side, did, told, say, within, loops } = await made()
    side.start()
    const linking = side.link(within(5_000))
    await vi.advanceTimersByTimeAsync(300)
    for (const code of ['one', 'two']) say({ type: 'code', code })
    await through(linking)
    expect([did.splice(0), told.at(-1)]).toEqual([['scans two'], 'the phone scans its code'])
    side.start()
    await through(side.link(within(1_000)))
    const [loop] = loops.slice(-1)
    if (loop) loop.ended = true
    await through(side.link(() => false))
    expect(did).toEqual([])
  })

  test('answers when the answer to a text of now has come, which is written again and again', async () => {
    const { side, did, contact, within } = await made()
    side.start()
    const answering = side.answers(within(10_000))
    await vi.advanceTimersByTimeAsync(3_500)
    contact.received.push(answerTo('Are you there? 0'), 'Are you there? 2', answerTo('Are you there? 2'))
    const verdict = await through(answering, 20)
    expect(verdict).toMatchObject({ back: true, end: 'answers' })
    expect(verdict.ms).toBeGreaterThanOrEqual(3_500)
    expect(verdict.ms).toBeLessThan(3_700)
    expect(did.map((one) => one.split(' at ')[0])).toEqual([1, 2, 3].map((count) => `Are you there? ${count}`))
    const times = did.map((one) => Number(one.split(' at ')[1]))
    expect(times.every((at, place) => at >= place * 1_500 && at < place * 1_500 + 300)).toBe(true)
    // An answer of before is none to what is asked now.
    expect(await through(side.answers(within(500)))).toMatchObject({ back: false, end: 'is silent' })
  })

  test('is not written to again before the text is on its way, and one that cannot be written is the end', async () => {
    const { side, did, contact, within } = await made()
    side.start()
    const { send } = contact
    contact.send = async (to, text) => {
      await new Promise((resolve) => setTimeout(resolve, 4_000))
      await send(to, text)
    }
    await through(side.answers(within(4_000)))
    expect(did.length).toBe(1)
    contact.send = () => Promise.reject(new Error('no session'))
    const ended = side.answers(within(2_000)).catch((error: unknown) => error)
    expect(await through(ended)).toMatchObject({ message: 'no session' })
  })

  test('does not answer where it has ended, dials no more, wants a code, or is silent', async () => {
    const { side, did, say, loops, devices, within } = await made()
    const verdict = async (wantsCode?: boolean) => (await through(side.answers(within(2_000), wantsCode))).end
    side.start()
    devices.length = 0
    expect([await verdict(), did]).toEqual(['is silent', []])
    say({ type: 'code', code: 'one' })
    expect([await verdict(), await verdict(true)]).toEqual(['asks to be linked anew', 'is silent'])
    say({ type: 'given-up' })
    expect(await verdict()).toBe('dials no more')
    side.start()
    const [loop] = loops.slice(-1)
    if (loop) loop.ended = true
    expect(await verdict()).toBe('has ended')
  })

  test('is torn as a power cut tears it, and mended by hand: killed, put back, and begun anew', async () => {
    const { side, place, did, loops } = await made()
    const creds = join(side.folder, 'creds.json')
    await writeFile(creds, '0123456789a')
    side.start()
    await side.tearCreds()
    expect([await readFile(creds, 'utf8'), await readFile(join(place, 'creds.backup'), 'utf8')]).toEqual([
      ...['01234', '0123456789a'],
    ])
    await side.byHand()
    expect([await readFile(creds, 'utf8'), did.splice(0), loops.map(({ ended }) => ended)]).toEqual([
      ...['0123456789a', ['killed', 'clear'], [true, false]],
    ])
    await through(side.close().then(() => did.push('closed')))
    expect([did, side.ended]).toEqual([['killed', 'server stopped', 'closed'], true])
    // Where nothing was torn there is nothing to put back.
    const other = await made()
    await other.side.byHand()
    expect(other.loops).toHaveLength(1)
  })
})
