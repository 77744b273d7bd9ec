// A gateway that ends at once when it is told to, as most do, or by a fault of its own.
import makeWASocket, { DisconnectReason, useMultiFileAuthState } from '@whiskeysockets/baileys'
import loop from './loop.cjs'

process.on('SIGTERM', () => process.exit(0))
process.on('SIGUSR2', () => {
  throw new Error('a fault of its own')
})
await loop({ makeWASocket, useMultiFileAuthState, DisconnectReason }, process.argv[2])
