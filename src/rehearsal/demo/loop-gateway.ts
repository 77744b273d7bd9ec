import { Boom } from '@hapi/boom'
import type { installedBaileys } from '../../baileys/installed.ts'
import { answerTo } from './bot.ts'

type Parts = Pick<
  Awaited<ReturnType<typeof installedBaileys>>,
  'DisconnectReason' | 'makeWASocket' | 'useMultiFileAuthState'
>

/**
 * A gateway as everybody writes it: it dials again after every close but a logout, and answers what it reads. It knows
 * nothing of a supervision. What it did and was told it says.
 */
export async function dialAgain(
  baileys: Parts,
  folder: string,
  say: (type: string, more?: object) => void,
): Promise<void> {
  const { DisconnectReason, makeWASocket, useMultiFileAuthState } = baileys
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
    else void dialAgain(baileys, folder, say)
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
