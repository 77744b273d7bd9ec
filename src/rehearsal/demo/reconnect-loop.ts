// A gateway as everybody writes it: it dials again after every close but a logout, and answers what it reads. It knows
// nothing of a supervision.
import { Boom } from '@hapi/boom'
import { installedBaileys } from '../../baileys/installed.ts'
import { answerTo } from './bot.ts'

const { DisconnectReason, makeWASocket, useMultiFileAuthState } = await installedBaileys()

const [, , folder = ''] = process.argv
const say = (type: string, more: object = {}) => process.stdout.write(`${JSON.stringify({ type, ...more })}\n`)

async function dial(): Promise<void> {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const sock = makeWASocket({ auth: state })
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
    if (qr !== undefined) say('code', { code: qr })
    if (connection === 'open') say('open')
    if (connection !== 'close') return
    const { error } = lastDisconnect ?? {}
    const code = error instanceof Boom ? error.output.statusCode : undefined
    say('close', { code })
    if (code === DisconnectReason.loggedOut) say('given-up')
    else void dial()
  })
  sock.ev.on('messages.upsert', async ({ messages }) => {
    for (const { key, message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (key.fromMe || !key.remoteJid || !text) continue
      say('read', { text })
      await sock.sendMessage(key.remoteJid, { text: answerTo(text) })
    }
  })
}
await dial()
