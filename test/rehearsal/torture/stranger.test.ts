import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import type { FromChild, ToChild } from '../../../src/rehearsal/torture/messages.ts'
import { written } from '../../../src/rehearsal/torture/schedule.ts'
import { torturedHere } from '../../../src/rehearsal/torture/stranger.ts'

const server = await startFakeWhatsApp()
afterAll(() => server.stop())

/** A stranger's module of that code beside a Baileys, and what is said of it and heard by it. */
async function stranger(code: string, names = ['its-baileys'], outcome: () => Promise<unknown> = async () => ({})) {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-stranger-'))
  onTestFinished(() => rm(place, { recursive: true }))
  const own = join(place, 'node_modules', 'its-baileys')
  await mkdir(own, { recursive: true })
  await writeFile(join(own, 'package.json'), '{"type":"module","main":"./index.js"}')
  await writeFile(join(own, 'index.js'), 'export const DEFAULT_CONNECTION_CONFIG = {}')
  const path = join(place, 'my.mjs')
  await writeFile(path, code)
  const told: FromChild[] = []
  const listeners: ((message: ToChild) => void)[] = []
  const played: Record<string, unknown>[] = []
  await torturedHere({
    ...{ path, kind: 'connect', names, heapBytes: () => 7, tell: (message) => told.push(message) },
    hear: (listener) => listeners.push(listener),
    start: async () => server,
    play: async (options) => {
      played.push({ ...options, schedule: written(options.schedule) })
      return outcome() as never
    },
  })
  const say = async (schedule: string) => {
    for (const listener of listeners) listener({ schedule })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { place, told, listeners, played, say }
}
test('a module that can be tortured is ready, and each schedule that is heard of is played on it', async () => {
  const { place, told, played, say } = await stranger('export const connect = () => 1')
  expect(told).toEqual([{ type: 'ready' }])
  await say('503 +440')
  await say('earthquake')
  expect(played).toMatchObject([{ connect: expect.any(Function), connectFolder: `${place}/`, schedule: '503 +440' }])
  expect(told.slice(1)).toEqual([{ type: 'result', result: {}, heapBytes: 7 }])
})

test('a run that breaks off is told with what broke it', async () => {
  for (const [thrown, error] of [
    [new Error('no account'), 'no account'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
  ]) {
    const { told, say } = await stranger('export const connect = () => 1', ['its-baileys'], () =>
      Promise.reject(thrown),
    )
    await say('503')
    expect(told.slice(1)).toEqual([{ type: 'refused', why: 'broken', error }])
  }
})

test.each<[string, string, readonly string[], object]>([
  ['without a connect', 'export const other = 1', ['its-baileys'], { why: 'no-connect' }],
  ['without a Baileys', 'export const connect = () => 1', ['baileys-of-nobody'], { why: 'no-baileys' }],
  ['that breaks', 'throw new Error("torn")', ['its-baileys'], { why: 'broken', error: 'torn' }],
  ['that throws a text', 'throw "torn"', ['its-baileys'], { why: 'broken', error: 'torn' }],
])('a module %s is refused with that, and hears nothing', async (_, code, names, refusal) => {
  const { told, listeners } = await stranger(code, [...names])
  expect([told, listeners]).toEqual([[{ type: 'refused', ...refusal }], []])
})
