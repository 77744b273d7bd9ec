// The loop of Baileys' example in CommonJS.
const baileys = require('baileys-6')
const NodeCache = require('node-cache')

const { default: makeWASocket, DisconnectReason, makeCacheableSignalKeyStore, useMultiFileAuthState } = baileys
const [, , folder] = process.argv
const say = (type, more = {}) => process.stdout.write(`${JSON.stringify({ name: 'gateway', type, ...more })}\n`)
const logger = { level: 'silent', child: () => logger }
for (const level of ['trace', 'debug', 'info', 'warn', 'error']) logger[level] = () => undefined
const msgRetryCounterCache = new NodeCache()

const startSock = async () => {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const sock = makeWASocket({
    logger,
    auth: { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys, logger) },
    msgRetryCounterCache,
    generateHighQualityLinkPreview: true,
    getMessage: async () => ({ conversation: 'hi' }),
  })
  sock.ev.process(async (events) => {
    const update = events['connection.update']
    if (update) {
      const { connection, lastDisconnect, qr, receivedPendingNotifications } = update
      if (qr) say('qr', { qr })
      if (receivedPendingNotifications) say('ready')
      if (connection === 'close') {
        const code = lastDisconnect?.error?.output?.statusCode
        say('close', { code })
        if (code !== DisconnectReason.loggedOut) startSock()
        else say('logged-out')
      }
    }
    if (events['creds.update']) await saveCreds()
    const upsert = events['messages.upsert']
    for (const { key, message } of upsert?.messages ?? []) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (!text || key.fromMe) continue
      await sock.readMessages([key])
      await sock.sendMessage(key.remoteJid, { text: `got ${text}` })
    }
  })
}
startSock()
