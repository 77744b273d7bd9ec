// A reconnect loop as everybody writes it, on Baileys 6, whose disk takes ten milliseconds for a write.
import { makeWASocket, useMultiFileAuthState } from 'baileys-6'

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export const loop = ({ auth: folder, logger, clientOptions, onSocket }) => {
  let socket
  let ended = false
  const start = async () => {
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    const set = async (data) => {
      await state.keys.set(data)
      await pause(10)
    }
    if (ended) return
    socket = makeWASocket({ ...clientOptions, logger, auth: { ...state, keys: { ...state.keys, set } } })
    onSocket(socket)
    socket.ev.on('creds.update', saveCreds)
    socket.ev.on('connection.update', ({ connection, lastDisconnect }) => {
      const loggedOut = lastDisconnect?.error?.output?.statusCode === 401
      if (connection === 'close' && !ended && !loggedOut) void start()
    })
  }
  void start()
  return () => {
    ended = true
    socket?.end()
  }
}
