import * as baileys from '@whiskeysockets/baileys'
import { createLifeline, fileAuthStore } from '../src/index.ts'
import { trust } from '../src/rehearsal/fake-whatsapp/index.ts'
import { silentLogger } from '../test/silent-logger.ts'

// A process of its own that receives messages, so that its processor time is the client's alone. Arguments: `plain`,
// `plain-store` or `supervised`, folder, url, root key. It answers `mark` with the processor time used so far, in
// microseconds.

const [arm = '', folder = '', url = '', rootKey = ''] = process.argv.slice(2)
trust(baileys, rootKey)
const options = { waWebSocketUrl: url, fireInitQueries: false, shouldSyncHistoryMessage: () => false }
let received = 0
const count = ({ messages }: { messages: readonly unknown[] }) => {
  received += messages.length
}

async function plain(): Promise<void> {
  const { state, saveCreds } = arm === 'plain' ? await baileys.useMultiFileAuthState(folder) : await opened()
  const sock = baileys.makeWASocket({ ...options, auth: state, logger: silentLogger })
  sock.ev.on('creds.update', () => void saveCreds())
  sock.ev.on('messages.upsert', count)
  await new Promise<void>((resolve) => {
    sock.ev.on('connection.update', ({ connection }) => connection === 'open' && resolve())
  })
}

async function opened() {
  const store = fileAuthStore(folder)
  await store.acquire()
  return store.open()
}

async function supervised(): Promise<void> {
  const line = createLifeline({
    auth: folder,
    connect: ({ auth, logger, caches }) => baileys.makeWASocket({ ...options, auth, logger, ...caches }),
    logger: silentLogger,
  })
  line.ev.on('messages.upsert', count)
  await line.start()
  await line.whenHealthy()
}

process.on('message', (message) => {
  if (message !== 'mark') process.exit(0)
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: user + system, received })
})
await (arm === 'supervised' ? supervised() : plain())
process.send?.('ready')
