// A gateway in TypeScript: dial again after every close but a logout, and answer.
import type { Boom } from '@hapi/boom'
import makeWASocket, { DisconnectReason, useMultiFileAuthState, type WASocket } from '@whiskeysockets/baileys'

const folder: string = process.argv[2] ?? ''
const say = (type: string, more: object = {}) =>
  process.stdout.write(`${JSON.stringify({ name: 'gateway', type, ...more })}\n`)
const nothing = (): void => undefined
const logger = {
  level: 'silent',
  child: () => logger,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}

async function start(): Promise<WASocket> {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const sock = makeWASocket({ auth: state, logger })
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', ({ connection, lastDisconnect, qr, receivedPendingNotifications }) => {
    if (qr) say('qr', { qr })
    if (receivedPendingNotifications) say('ready')
    if (connection !== 'close') return
    const code = (lastDisconnect?.error as Boom | undefined)?.output.statusCode
    say('close', { code })
    if (code !== DisconnectReason.loggedOut) void start()
  })
  sock.ev.on('messages.upsert', async ({ messages }) => {
    for (const { key, message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (text && !key.fromMe && key.remoteJid) await sock.sendMessage(key.remoteJid, { text: `got ${text}` })
    }
  })
  return sock
}
await start()
