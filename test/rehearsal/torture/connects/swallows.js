import { makeWASocket } from '@whiskeysockets/baileys'

export const connect = ({ auth, logger }) => {
  const socket = makeWASocket({ auth, logger })
  const emit = socket.ev.emit
  socket.ev.emit = (event, data) => event !== 'creds.update' && emit(event, data)
  const { on } = socket.ev
  socket.ev.on = (event, listener) => event !== 'creds.update' && on(event, listener)
  return socket
}
