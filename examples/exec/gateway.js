// A gateway as everybody writes it; it knows nothing of its supervision: npx baileys-lifeline exec -- node gateway.js
import { DisconnectReason, makeWASocket, useMultiFileAuthState } from '@whiskeysockets/baileys'

async function start() {
  const { state, saveCreds } = await useMultiFileAuthState('./whatsapp-auth')
  const sock = makeWASocket({ auth: state })
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
    if (qr) console.log('code:', qr)
    if (connection === 'open') console.log('open')
    if (connection !== 'close') return
    console.log('close')
    if (lastDisconnect?.error?.output?.statusCode !== DisconnectReason.loggedOut) start()
  })
  sock.ev.on('messages.upsert', async ({ messages }) => {
    for (const { key, message } of messages)
      if (message?.conversation === 'ping') await sock.sendMessage(key.remoteJid, { text: 'pong' })
  })
}
start()
