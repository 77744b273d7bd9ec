import { makeWASocket } from '@whiskeysockets/baileys'

export default ({ auth, logger }) => {
  const socket = makeWASocket({ auth, logger })
  process.on('SIGUSR2', () => socket.end())
  setInterval(() => socket.ws.isOpen, 60_000).unref()
  return socket
}
