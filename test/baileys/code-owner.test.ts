import { EventEmitter } from 'node:events'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { framesOf, learnBaileys } from '../../src/baileys/code-owner.ts'
import { inProject } from '../root.ts'
import { silent } from './lines.ts'
import { baileysLines } from './party.ts'

const owners = (line: string) => framesOf(`Error: no\n    at ${line}`, 'no').map(({ owner }) => owner)

test.each([
  ['baileys', 'sendNode (file:///srv/bot/node_modules/@whiskeysockets/baileys/lib/Socket/socket.js:75:16)'],
  ['baileys', 'async query (file:///srv/bot/node_modules/baileys/lib/Socket/socket.js:75:16)'],
  [
    'baileys',
    'async file:///srv/node_modules/.pnpm/@whiskeysockets+baileys@7.0.0-rc14_sharp@0.33.5/node_modules/@whiskeysockets/baileys/lib/Socket/socket.js:1:2',
  ],
  [
    'baileys',
    'X.y [as z] (/srv/.yarn/cache/@whiskeysockets-baileys-npm-7.0.0-rc14-0a1b2c3d4e.zip/node_modules/@whiskeysockets/baileys/lib/index.js:1:2)',
  ],
  ['baileys', 'query (C:\\bots\\mine\\node_modules\\@whiskeysockets\\baileys\\lib\\Socket\\socket.js:75:16)'],
  ['baileys', 'query (file:///C:/bots/mine/node_modules/@whiskeysockets/baileys/lib/Socket/socket.js:75:16)'],
  ['baileys', 'SessionCipher.decrypt (/srv/bot/node_modules/libsignal/src/session_cipher.js:1:2)'],
  ['library', 'Receiver.receiverOnMessage (/srv/bot/node_modules/ws/lib/websocket.js:1282:20)'],
  ['library', 'x (/srv/bots (mine)/node_modules/ws/lib/websocket.js:1:2)'],
  ['library', 'Reader.skip (/srv/bot/node_modules/protobufjs/src/reader.js:1:2)'],
  ['library', 'x (/srv/bot/node_modules/@cacheable/node-cache/dist/index.js:1:2)'],
  ['library', 'eval (eval at Codegen (/srv/node_modules/@protobufjs/codegen/index.js:1:2), <anonymous>:3:4)'],
  ['runtime', 'WebSocketClient.emit (node:events:524:28)'],
  ['runtime', 'process.processTicksAndRejections (node:internal/process/task_queues:95:5)'],
  ['runtime', 'new Promise (<anonymous>)'],
  ['runtime', 'async Promise.all (index 0)'],
  ['runtime', 'Array.map (native)'],
  ['runtime', 'wasm://wasm/00a1b2c3:wasm-function[7]:0x12'],
  // Bun's.
  ['runtime', 'final (unknown)'],
  ['runtime', 'promiseReactionJob (native:1:11)'],
  ['runtime', 'message (ws:987:14)'],
  ['app', 'onMessage (file:///srv/bot/index.js:3:4)'],
  ['app', 'async file:///srv/my%20bot/index.js:3:4'],
  ['app', 'onMessage (C:\\bots (mine)\\index.js:3:4)'],
  ['app', 'Provider.send (/srv/bot/node_modules/@builderbot/provider-baileys/dist/index.cjs:3:4)'],
  ['app', 'x (/srv/bot/node_modules/baileys-store/index.js:3:4)'],
  ['app', 'eval (eval at run (/srv/bot/index.js:1:2), <anonymous>:3:4)'],
  ['app', 'file:///srv/bot/[eval1]:3:4'],
  ['app', '[eval1]:3:4'],
])('%s: %s', (owner, line) => {
  expect(owners(line)).toEqual([owner])
})

test('this package is its own, but for the parts that stand for others', () => {
  const at = (path: string) => owners(`x (${inProject(path).href}:1:2)`)
  const own = ['src/line.ts', 'dist/src/services/index.js', 'machines/index.ts', 'lib/index.js']
  expect(own.flatMap(at)).toEqual(own.map(() => 'own'))
  const others = ['src/rehearsal/fake-whatsapp/server.ts', 'lib/rehearsal-torture-run.js', 'test/x.ts', 'bench/x.ts']
  expect(others.flatMap(at)).toEqual(others.map(() => 'app'))
  // Elsewhere, behind a path of the same length.
  const root = inProject('').pathname
  expect(owners(`x (/${'x'.repeat(root.length - 2)}/src/line.ts:1:2)`)).toEqual(['app'])
})

test('the place of a frame is that of its file, whatever stands behind the name in an address', () => {
  const stack = 'Error: no\n    at x (file:///srv/my%20bot/index.js?v=1:3:4)\n    at file:///srv/bot/index.js:5:6'
  expect(framesOf(stack).map(({ place }) => place)).toEqual(['/srv/my bot/index.js:3:4', '/srv/bot/index.js:5:6'])
  const evaluated = 'Error: no\n    at eval (eval at run (/srv/bot/index.js:1:2), <anonymous>:3:4)'
  expect(framesOf(evaluated).map(({ place }) => place)).toEqual(['/srv/bot/index.js:1:2'])
  // What is said in other words than those of the stack takes nothing from it.
  expect(framesOf(stack, 'x'.repeat(60))).toEqual(framesOf(stack))
})

test('what an error says is taken for no frame', () => {
  const message = 'refused\n    at attack (/srv/bot/index.js:1:1)'
  expect(framesOf(`Error: ${message}\n    at query (node:events:1:2)`, message)).toEqual([
    { owner: 'runtime', place: 'node:events:1:2' },
  ])
})

describe('a copy of Baileys is known by the socket that it makes', () => {
  /** What stands in Baileys' place for this: the emitter, wrapped as Baileys wraps it. */
  const emitter = `import { EventEmitter } from 'node:events'
    const ev = new EventEmitter()
    export const on = (...args) => ev.on(...args)
    export const off = (...args) => ev.off(...args)`
  const copy = async (path: string) => {
    const file = join(await mkdtemp(join(tmpdir(), 'lifeline-copy-')), path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, emitter)
    await writeFile(join(dirname(file), 'package.json'), '{"type":"module"}')
    learnBaileys(await import(pathToFileURL(file).href))
    return file
  }

  test.each([
    ['a fork', 'node_modules/@somebody/whaileys/lib/Utils/event-buffer.js', '../Socket/socket.js', 'baileys'],
    ['a fork in one file', 'node_modules/whaileys/dist/all.js', './other.js', 'baileys'],
    ['an alias', 'node_modules/wa/lib/Utils/event-buffer.js', '../../WAProto/index.js', 'baileys'],
    ['a checkout', 'forks/mine/lib/Utils/event-buffer.js', '../Socket/socket.js', 'baileys'],
    ['a bundle', 'dist/gateway.js', './gateway.js', 'bundle'],
    ['what lies beside a bundle', 'dist/gateway.js', './plugin.js', 'app'],
  ])('%s', async (_, path, other, owner) => {
    const file = await copy(path)
    expect(owners(`x (${join(dirname(file), other)}:1:2)`)).toEqual([owner])
  })

  test.each(baileysLines)('Baileys itself ($line) teaches nothing of who asks it', ({ baileys }) => {
    learnBaileys(baileys.makeEventBuffer(silent) as never)
    const here = framesOf(String(new Error('here').stack), 'here')[0]
    expect(here?.owner).toBe('app')
  })

  test('an emitter that tells nothing of itself teaches nothing, and none is left with a listener', () => {
    learnBaileys({ on: () => undefined, off: () => undefined })
    learnBaileys({
      on: () => {
        throw new Error('no')
      },
      off: () => undefined,
    })
    const ev = new EventEmitter()
    learnBaileys(ev as never)
    expect(ev.eventNames()).toEqual([])
  })
})
