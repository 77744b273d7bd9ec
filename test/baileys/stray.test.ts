import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { learnBaileys } from '../../src/baileys/code-owner.ts'
import { ConnectionGone } from '../../src/baileys/message-gate.ts'
import { isOfApp, isStray, kindOf, markLostCall, markSendFailure, markStoreFailure } from '../../src/baileys/stray.ts'

const at = (...places: string[]) =>
  Object.assign(new Error('no'), {
    stack: ['Error: no', ...places.map((place) => `    at x (${place}:1:2)`)].join('\n'),
  })
const baileys = '/srv/node_modules/@whiskeysockets/baileys/lib/Socket/socket.js'
const library = '/srv/node_modules/ws/lib/websocket.js'
const app = '/srv/bot/index.js'

describe('what nobody caught', () => {
  test.each<[unknown, boolean]>([
    [1_000, true],
    [4_999, true],
    [999, false],
    [5_000, false],
    [1_006.5, false],
    ['1006', false],
    [undefined, false],
    [null, false],
  ])('is the bare close code of a WebSocket: %s', (reason, expected) => {
    expect(isStray(reason)).toBe(expected)
  })

  test('is what was not begun on a connection that is gone, whoever asked for it', () => {
    expect([new ConnectionGone('Connection Closed'), new Error('Connection Closed')].map(isStray)).toEqual([
      true,
      false,
    ])
  })

  test('is told by its stack alone, whatever it says', () => {
    const message = `refused\n    at attack (${app}:1:1)`
    const error = Object.assign(new Error(message), { stack: `Error: ${message}\n    at x (${baileys}:1:2)` })
    expect([isStray(error), isOfApp(error)]).toEqual([true, false])
  })

  test('is left behind by Baileys if the stack leads through it, and through nothing of the app', () => {
    expect([at(baileys), at(library, baileys)].map(isStray)).toEqual([true, true])
    expect([at(app), at(baileys, app), at(library), at()].map(isStray)).toEqual([false, false, false, false])
    expect([at(app), at(baileys, app), at(baileys)].map(isOfApp)).toEqual([true, true, false])
  })

  test('is left to the app in a file that a bundler has put Baileys into with all else', () => {
    const filename = '/srv/bot/bundle-of-all.js'
    learnBaileys(runInThisContext('({ on: (_, listener) => listener(), off: () => undefined })', { filename }))
    expect([at(filename), at(baileys, filename)].map(isStray)).toEqual([false, false])
    expect(isOfApp(at(filename))).toBe(false)
    expect(kindOf(at(library, filename))).toContain(filename)
  })

  test('is of Baileys where a store, a call that was lost or a send failed, by what is known of it', () => {
    const [store, lost, send, ofApp] = [at(app), at(app), at(library), at(app)]
    markStoreFailure(store)
    markLostCall(lost)
    for (const one of [send, ofApp]) markSendFailure(one)
    expect([store, lost, send, ofApp].map(isStray)).toEqual([true, true, true, false])
    for (const mark of [markStoreFailure, markLostCall, markSendFailure]) for (const one of [null, 'text']) mark(one)
  })

  test('is told apart by where it arose: in Baileys, else in a library, else by its name', () => {
    expect(kindOf(at(library, baileys))).toContain('baileys')
    expect(kindOf(at(library, app))).toContain('ws')
    expect([kindOf(at(app)), kindOf('text'), kindOf({ name: 'Odd' })]).toEqual(['Error', 'string', 'Odd'])
  })
})
