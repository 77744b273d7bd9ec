// @module-tag slow

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { inTurn } from '../share.ts'

const compiled = (name: string) => JSON.stringify(inProject(`dist/src/baileys/${name}.js`).href)

/** Runs a script with the guard on, in a process of its own: what Node does with a fault can be seen nowhere else. */
function run(script: string, options: readonly string[] = []) {
  const source = `import { catchStrays } from ${compiled('strays')}\n${script}`
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, '--input-type=module', '-e', source], {
    cwd: fileURLToPath(inProject('.')),
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, out: stdout, err: stderr }
}

/** `leave()`: a call that Baileys stumbles over by itself. Version 7 leaves a promise behind, 6 an exception. */
const leaving = (module: string) => `
  const { makeWASocket, initAuthCreds } = await import(${JSON.stringify(module)})
  const logger = { level: 'silent', child: () => logger, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
  const keys = { get: async () => ({}), set: async () => {} }
  const { learnBaileys } = await import(${compiled('code-owner')})
  const leave = () => {
    const { ev } = makeWASocket({ auth: { creds: initAuthCreds(), keys }, logger, waWebSocketUrl: 'ws://127.0.0.1:9/' })
    learnBaileys(ev)
    process.nextTick(ev.emit, 'call', [{ status: 'offer', isGroup: true, chatId: '1@g.us' }])
  }
`

describe('what Baileys leaves behind', () => {
  test.each(inTurn(['@whiskeysockets/baileys', 'baileys-7-rc9', 'baileys-6'], import.meta.url))(
    'does not end the process while guarded, and does once the last guard is taken off (%s)',
    (module) => {
      const { status, out, err } = run(`
        ${leaving(module)}
        // The handlers of many a gateway end the process themselves.
        process.on('unhandledRejection', () => console.log('heard'))
        process.on('uncaughtException', () => console.log('heard'))
        const off = catchStrays((reason) => {
          console.log('told:', reason.name)
          off(); off()
          process.removeAllListeners('unhandledRejection')
          process.removeAllListeners('uncaughtException')
          leave()
        })
        leave()
      `)
      expect(out).toBe('told: TypeError\n')
      expect(status, err).not.toBe(0)
      expect(err).toContain('TypeError')
    },
  )

  test('is told to everybody who asks, even if one of them throws', () => {
    const { status, out } = run(`
      ${leaving('@whiskeysockets/baileys')}
      catchStrays(() => { throw new Error('no') })
      catchStrays(() => console.log('told'))
      leave()
    `)
    expect({ status, out }).toEqual({ status: 0, out: 'told\n' })
  })

  test('may be a message that was not begun since its connection had gone', () => {
    const { status, out, err } = run(`
      const { gateMessages } = await import(${compiled('message-gate')})
      const messageMutex = { mutex: async (work) => work() }
      gateMessages({ ws: { isOpen: false }, messageMutex })
      catchStrays((reason) => console.log('told:', reason.message))
      void messageMutex.mutex(() => console.log('begun'))
    `)
    expect({ status, out, err }).toEqual({ status: 0, out: 'told: Connection Closed\n', err: '' })
  })

  test('may be the bare close code of a WebSocket, and whatever store or connection refused', () => {
    const { status, out, err } = run(`
      const { markSendFailure, markStoreFailure } = await import(${compiled('stray')})
      catchStrays((reason) => console.log('told:', reason.message ?? reason))
      const refused = new Error('the store of the owner is full')
      markStoreFailure(refused)
      const { inflate } = await import('node:zlib')
      const error = await new Promise((resolve) => inflate(Buffer.from([1, 2, 3]), resolve))
      markSendFailure(error)
      for (const reason of [1006, refused, error]) void Promise.reject(reason)
    `)
    expect({ status, out, err }).toEqual({
      status: 0,
      out: 'told: 1006\ntold: the store of the owner is full\ntold: incorrect header check\n',
      err: '',
    })
  })
})

describe('what the app does wrong', () => {
  const mistakes = [
    ['a rejection', `void Promise.reject(new Error('the gateway made a mistake'))`],
    ['an exception', `setTimeout(() => { throw new Error('the gateway made a mistake') })`],
  ] as const

  test.each(inTurn(mistakes, import.meta.url))('ends the process as without us: %s', (_, mistake) => {
    const [guarded, alone] = [`catchStrays(() => console.log('told'))`, ''].map((guard) => run(`${guard}\n${mistake}`))
    expect(guarded?.status).toBe(1)
    expect(guarded?.err).toContain('the gateway made a mistake')
    // From the error on: the line of the source that Node puts before it is another once somebody has looked at the
    // stack.
    const shown = (err = '') => err.slice(err.indexOf('\nError: ')).replaceAll(/:\d+/g, '')
    expect({ ...guarded, err: shown(guarded?.err) }).toEqual({ ...alone, err: shown(alone?.err) })
  })

  test.each(inTurn(mistakes, import.meta.url))(
    'is told to the handlers of its own, and to nobody else: %s',
    (_, mistake) => {
      const { status, out } = run(`
      process.on('unhandledRejection', (reason) => console.log('own:', reason.message))
      process.on('uncaughtException', (error) => console.log('own:', error.message))
      catchStrays(() => console.log('told'))
      ${mistake}
    `)
      expect({ status, out }).toEqual({ status: 0, out: 'own: the gateway made a mistake\n' })
    },
  )

  test('is a warning where the owner wants no more', () => {
    const { status, err } = run(`catchStrays(() => 0)\n${mistakes[0][1]}`, ['--unhandled-rejections=warn'])
    expect(status).toBe(0)
    expect(err).toContain('UnhandledPromiseRejectionWarning: Error: the gateway made a mistake')
  })
})

test('stacks are as long as they were once the last guard is taken off, or as the owner has made them meanwhile', () => {
  const { out } = run(`
    const told = () => console.log(Error.stackTraceLimit)
    const [one, other] = [catchStrays(told), catchStrays(told)]
    told()
    one(); other()
    told()
    const off = catchStrays(told)
    Error.stackTraceLimit = 20
    off()
    told()
    Error.stackTraceLimit = 200
    catchStrays(told)
    told()
  `)
  expect(out).toBe('50\n10\n20\n200\n')
})
