import { open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { NoticeDesk } from '../../../src/notices/desk.ts'
import { LeakMeter } from '../../../src/rehearsal/torture/leaks.ts'
import { originOf } from '../../../src/rehearsal/torture/origin.ts'
import { statusIn } from '../../notices/notices.ts'

/** This project as stacks name it: compiled or not, they may be mapped to the sources. */
const [, project = ''] =
  /(?:file:\/\/)?(\/[^():]*\/)test\/rehearsal\/torture\/leaks/.exec(String(new Error('here').stack)) ?? []
const here = `${project}test/rehearsal/torture/`
const src = `${project}src/`

test('what was begun and not ended is named with its line, as often as it is there; what came to its end is not', async () => {
  const meter = await LeakMeter.begin(here)
  const timers = [1, 2].map(() => setInterval(() => undefined, 60_000))
  for (let many = 0; many < 300; many += 1) clearTimeout(setTimeout(() => undefined, 60_000))
  const listener = () => undefined
  process.on('SIGUSR2', listener)
  process.emitWarning('Possible leak. 11 listeners added. Use emitter.setMaxListeners()', 'MaxListenersExceededWarning')
  process.emitWarning('Something else', 'ExperimentalWarning')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const file = await open(fileURLToPath(import.meta.url))
  try {
    const where = expect.stringMatching(/^leaks\.test\.[jt]s(\?vitest=\d+)?:\d+$/)
    expect(await meter.end(0)).toEqual([
      { what: 'timer', count: 2, owner: 'connect', where },
      { what: 'TCPServerWrap', count: 1, owner: 'other' },
      { what: 'file descriptor', count: expect.any(Number), owner: 'other' },
      { what: 'process listener of SIGUSR2', count: 1, owner: 'connect', where },
      { what: 'Possible leak. 11 listeners added', count: 1, owner: 'other' },
    ])
  } finally {
    for (const timer of timers) clearInterval(timer)
    process.off('SIGUSR2', listener)
    server.close()
    await file.close()
  }
})

test('a timer that this library left is named as its own, and one of somebody else is not told of', async () => {
  const meter = await LeakMeter.begin('/nowhere/')
  const parts = { account: 'a', quietMs: 60_000, status: () => statusIn('reconnecting'), onNotice: () => undefined }
  const desk = new NoticeDesk(parts)
  desk.state('reconnecting')
  const timer = setTimeout(() => undefined, 60_000)
  try {
    const left = await meter.end(0)
    expect(left.filter(({ what }) => what === 'timer')).toEqual([{ what: 'timer', count: 1, owner: 'lifeline' }])
  } finally {
    desk.stop()
    clearTimeout(timer)
  }
})

test('nothing is followed any more once it was told what is left', async () => {
  const events = ['newListener', 'warning'] as const
  const counts = () => events.map((event) => process.listenerCount(event))
  const before = counts()
  const meter = await LeakMeter.begin(here)
  expect(counts()).toEqual(before.map((count) => count + 1))
  // Where nothing is left nothing is waited for.
  expect(await meter.end(600_000)).toEqual([])
  expect(counts()).toEqual(before)
})

test('what ends by itself within the time is waited for', async () => {
  const meter = await LeakMeter.begin(here)
  setTimeout(() => undefined, 1)
  expect(await meter.end()).toEqual([])
})

test.each([
  ['the code of connect', ['/srv/gateway/connect.js:12:3'], { owner: 'connect', where: 'connect.js:12' }],
  [
    'code of connect that calls a library',
    ['/srv/gateway/node_modules/pino/pino.js:1:1', 'run (/srv/gateway/a.js:7:9)'],
    { owner: 'connect', where: 'a.js:7' },
  ],
  [
    'Baileys',
    ['f (/srv/node_modules/@whiskeysockets/baileys/lib/a.js:1:1)', '/srv/gateway/a.js:7:9'],
    { owner: 'baileys' },
  ],
  ['Baileys under an alias', ['/srv/node_modules/baileys-6/lib/a.js:1:1'], { owner: 'baileys' }],
  ['this library', [`${src}rehearsal/torture/leaks.js:1:1`, `file://${src}line/line.js:1:1`], { owner: 'lifeline' }],
  ['its machines', [`${project}machines/index.js:1:1`], { owner: 'lifeline' }],
  [
    'what it has for tests',
    [`${src}rehearsal/fake-whatsapp/server.js:1:1`, '/srv/gateway/a.js:7:9'],
    { owner: 'other' },
  ],
  ['what runs the test itself', [`${src}rehearsal/torture/run.js:1:1`], { owner: 'other' }],
  ['somebody else', ['new Promise (<anonymous>)', 'node:internal/timers:5:6', '/opt/else.js:1:1'], { owner: 'other' }],
  ['nobody', [], { owner: 'other' }],
])('of a stack the innermost frame that is somebody’s own tells whose it is: %s', (_, frames, origin) => {
  const stack = ['Error: where', ...frames.map((frame) => `    at ${frame}`)].join('\n')
  expect(originOf({ stack }, '/srv/gateway/')).toEqual(origin)
})
