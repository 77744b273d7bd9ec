import makeWASocket, { DisconnectReason, useMultiFileAuthState } from '@whiskeysockets/baileys'
import loop from './loop.cjs'

await loop({ makeWASocket, useMultiFileAuthState, DisconnectReason }, process.argv[2])
