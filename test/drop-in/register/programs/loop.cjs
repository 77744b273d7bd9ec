// A gateway as everybody writes it: it dials again after every close but a logout, answers what it reads, and says what it is told.
module.exports = async (baileys, folder, name = 'gateway') => {
  const say = (type, more = {}) => process.stdout.write(`${JSON.stringify({ name, type, ...more })}\n`)
  const quiet = { level: 'silent', child: () => quiet }
  for (const level of ['trace', 'debug', 'info', 'warn', 'error']) quiet[level] = () => undefined
  const dial = async () => {
    const { state, saveCreds } = await baileys.useMultiFileAuthState(folder)
    const sock = baileys.makeWASocket({ auth: state, logger: quiet })
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('connection.update', ({ connection, lastDisconnect, qr, receivedPendingNotifications }) => {
      if (qr) say('qr', { qr })
      if (receivedPendingNotifications) say('ready')
      if (!connection) return
      const code = lastDisconnect?.error?.output?.statusCode
      say(connection, connection === 'close' ? { code } : {})
      if (connection === 'close' && code !== baileys.DisconnectReason.loggedOut) dial()
    })
    sock.ev.on('messages.upsert', async ({ messages }) => {
      for (const { key, message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (!text || key.fromMe) continue
        say('read', { text })
        await sock.sendMessage(key.remoteJid, { text: `got ${text}` })
      }
    })
  }
  await dial()
}
