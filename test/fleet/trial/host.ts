// One host of the trial: a process of its own, with real Baileys, that is killed, stopped and cut off.
import { openSync, writeSync } from 'node:fs'
import { makeWASocket, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { createFleet } from '../../../src/fleet/index.ts'
import { trust } from '../../../src/rehearsal/fake-whatsapp/index.ts'
// A host does little but log in, and libsignal verifies each login in JavaScript: thirty milliseconds that are no
// matter of the fleet's.
import '../../quick-keys.ts'
import { type FromHost, type HostConfig, lease, pace, policy, type ToHost } from './host-messages.ts'

const config = JSON.parse(process.argv[2] ?? '{}') as HostConfig
const readings = openSync(config.readings, 'a', 0o600)
const tell = (message: FromHost) => process.send?.(message)

trust({ WA_CERT_DETAILS }, config.rootKey)
const heard = (_fields: unknown, message?: unknown) => {
  if (/bad mac/i.test(`${JSON.stringify(_fields)} ${String(message)}`)) tell({ type: 'bad-mac' })
}
const silent = () => undefined
const fleet = createFleet({
  store: { connectionString: config.database, lease: { ...lease, ttlMs: config.ttlMs } },
  hostId: config.hostId,
  accounts: config.accounts,
  pace,
  policy,
  logger: { level: 'warn', trace: silent, debug: silent, info: silent, warn: heard, error: heard },
  connect: ({ auth, logger }) =>
    makeWASocket({
      waWebSocketUrl: config.whatsapp,
      fireInitQueries: false,
      shouldSyncHistoryMessage: () => false,
      auth,
      logger,
    }),
})
const known = new Set<string>()
fleet.on('claimed', (line) => {
  const { account } = line
  tell({ type: 'state', account, state: line.status.state })
  if (known.has(account)) return
  known.add(account)
  line.on('status', ({ state }) => {
    if (line.local) tell({ type: 'state', account, state })
  })
  line.ev.on('messages.upsert', ({ messages }) => {
    for (const { key, message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (text && !key.fromMe) writeSync(readings, `${text}\n`)
    }
  })
})
fleet.on('released', ({ line: { account } }) => tell({ type: 'state', account, state: undefined }))

const realNow = Date.now
process.on('message', ({ ms }: ToHost) => {
  const offset = Date.now() - realNow() + ms
  Date.now = () => realNow() + offset
})
// Without its parent nobody is left to end it.
process.on('disconnect', () => process.exit(1))
await fleet.start()
tell({ type: 'ready' })
