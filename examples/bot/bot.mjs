// A bot that answers. npm install baileys-lifeline @whiskeysockets/baileys@7.0.0-rc14, then: node bot.mjs
import { makeWASocket } from '@whiskeysockets/baileys'
import { createLifeline, printQr } from 'baileys-lifeline'

const line = createLifeline({
  auth: './whatsapp-auth',
  connect: ({ auth, logger, getMessage, caches }) => makeWASocket({ auth, logger, getMessage, ...caches }),
  notify: ({ message, remediation }) => console.warn(message, remediation ?? ''),
})
line.on('status', ({ state, message }) => console.log(state, message))
line.on('qr', ({ code }) => printQr(code))

// One emitter across every socket: this is said once, however often the account reconnects.
line.ev.on('messages.upsert', async ({ messages }) => {
  for (const { key, message } of messages) {
    const text = message?.conversation ?? message?.extendedTextMessage?.text
    if (key.fromMe || !key.remoteJid || text !== 'ping') continue
    // Waits for a connection, and gives up after half a minute or when a person is needed.
    const sock = await line.whenHealthy({ signal: AbortSignal.timeout(30_000) })
    await sock.sendMessage(key.remoteJid, { text: 'pong' }, { quoted: { key, message } })
  }
})

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await line.stop() // within 5 s
    process.exit()
  })
await line.start()
