import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { inProject } from '../root.ts'

const guard = fileURLToPath(inProject('dist/src/baileys/stray-rejections.js'))

/** Runs a script with the guard on, in a process of its own: what Node does with a rejection can be seen nowhere else. */
function run(script: string): { readonly status: number | null; readonly out: string; readonly err: string } {
  const source = `import { catchStrayRejections } from ${JSON.stringify(`file://${guard}`)}\n${script}`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    cwd: fileURLToPath(inProject('.')),
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, out: stdout, err: stderr }
}

/** `leave()`: a query on a closed socket of real Baileys, which nobody waits for, as its own retry receipts are. */
const leaving = (module: string) => `
  const { makeWASocket, initAuthCreds } = await import(${JSON.stringify(module)})
  const logger = { level: 'silent', child: () => logger, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
  const keys = { get: async () => ({}), set: async () => {} }
  const leave = () => {
    const sock = makeWASocket({ auth: { creds: initAuthCreds(), keys }, logger, waWebSocketUrl: 'ws://127.0.0.1:9/' })
    sock.ev.on('connection.update', ({ connection }) => {
      if (connection === 'close') void sock.sendNode({ tag: 'receipt', attrs: {} })
    })
  }
`

describe('rejections that Baileys leaves behind', () => {
  for (const module of ['@whiskeysockets/baileys', 'baileys-6']) {
    test(`do not end the process while guarded, and do once the last guard is taken off (${module})`, () => {
      const { status, out, err } = run(`
        ${leaving(module)}
        const off = catchStrayRejections((reason) => {
          console.log('told:', reason.message)
          off(); off()
          leave()
        })
        leave()
      `)
      expect(out).toBe('told: Connection Closed\n')
      expect(status, err).not.toBe(0)
      expect(err).toContain('Connection Closed')
    })
  }

  test('a message that was not begun since its connection had gone does not end the process either', () => {
    const { status, out, err } = run(`
      const { gateMessages } = await import(${JSON.stringify(inProject('dist/src/baileys/message-gate.js').href)})
      const messageMutex = { mutex: async (work) => work() }
      gateMessages({ ws: { isOpen: false }, messageMutex })
      catchStrayRejections((reason) => console.log('told:', reason.message))
      void messageMutex.mutex(() => console.log('begun'))
    `)
    expect({ status, out, err }).toEqual({ status: 0, out: 'told: Connection Closed\n', err: '' })
  })

  test('any other rejection still ends the process', () => {
    const { status, err, out } = run(`
      catchStrayRejections(() => console.log('told'))
      void Promise.reject(new Error('the gateway made a mistake'))
    `)
    expect(status).not.toBe(0)
    expect(err).toContain('the gateway made a mistake')
    expect(out).toBe('')
  })

  test("the gateway's own handler still gets its rejections, and none of ours are thrown", () => {
    const { status, out } = run(`
      process.on('unhandledRejection', (reason) => console.log('own:', reason.message))
      catchStrayRejections(() => undefined)
      void Promise.reject(new Error('mine'))
    `)
    expect(status).toBe(0)
    expect(out).toBe('own: mine\n')
  })
})
