import type * as v7 from '@whiskeysockets/baileys'
import { createLifeline } from '../../../src/index.ts'
import { trust } from '../../../src/rehearsal/fake-whatsapp/trust.ts'
import { ExampleLoop } from '../../example-loop.ts'
import { fast } from '../fast-policy.ts'
import type { GatewaySettings, Heard } from './gateway.ts'

/**
 * A gateway as a process of its own, supervised or with Baileys alone. It tells its parent what it goes through, until
 * something ends it.
 */
const { module, supervised, url, rootKey, folder, fault, qrTimeout } = JSON.parse(
  process.argv[2] ?? '{}',
) as GatewaySettings
// libsignal prints there, and nobody reads it.
for (const method of ['info', 'warn', 'error'] as const) console[method] = () => undefined
const baileys = (await import(module)) as typeof v7
trust(baileys, rootKey)
const config = {
  waWebSocketUrl: url,
  fireInitQueries: false,
  shouldSyncHistoryMessage: () => false,
  ...(qrTimeout === undefined ? {} : { qrTimeout }),
}
const tell = (heard: Heard) => process.send?.(heard)
process.on('warning', ({ name, message }) => {
  if (name === 'UnhandledPromiseRejectionWarning' && !message.startsWith('Unhandled promise'))
    tell({ warning: message })
})

type Socket = ReturnType<typeof v7.makeWASocket>

const faults: Readonly<Record<NonNullable<typeof fault>, (socket: Socket) => void>> = {
  'a listener of the transport that throws': (socket) => {
    socket.ws.on('CB:message', () => {
      throw new Error('the app made a mistake')
    })
  },
  'a stanza of its own that fails deep in Baileys': (socket) => {
    // More calls one within the other than a stack shows by itself.
    let stanza: object = { tag: 'leaf', attrs: {}, content: 7 }
    for (let depth = 0; depth < 12; depth += 1) stanza = { tag: 'branch', attrs: {}, content: [stanza] }
    socket.ws.on('CB:message', () => {
      const answer = async () => {
        await socket.sendNode(stanza as v7.BinaryNode)
      }
      void answer()
    })
  },
  "a listener of Baileys' events that rejects": (socket) => {
    socket.ev.on('messages.upsert', async () => {
      await Promise.resolve()
      throw new Error('the app made a mistake')
    })
  },
}
const spoil = (socket: Socket) => {
  if (fault !== undefined) faults[fault](socket)
}

if (supervised) {
  const line = createLifeline({
    auth: folder,
    // What cannot be read is no matter here.
    policy: { ...fast(), decrypt: {} },
    connect: ({ auth, logger }) => {
      const socket = baileys.makeWASocket({ ...config, auth, logger })
      spoil(socket)
      return socket
    },
  })
  line.on('status', ({ state, lastClose }) => tell({ state, ...(lastClose && { cause: lastClose.cause.kind }) }))
  line.on('qr', () => tell({ state: 'qr' }))
  line.ev.on('messages.upsert', ({ messages }) => {
    for (const { message } of messages) if (message?.conversation) tell({ text: message.conversation })
  })
  process.on('message', () =>
    tell({ troubles: line.history().flatMap((entry) => (entry.type === 'trouble' ? [entry] : [])) }),
  )
  await line.start()
} else {
  const loop = new ExampleLoop(
    baileys,
    folder,
    config,
    (text) => tell({ text }),
    () => tell({ state: 'healthy' }),
  )
  await loop.start()
  if (loop.sock) spoil(loop.sock)
  process.on('message', () => tell({ troubles: [] }))
}
