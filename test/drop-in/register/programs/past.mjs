import makeWASocket from '@whiskeysockets/baileys/lib/Socket/index.js'
import { useMultiFileAuthState } from '@whiskeysockets/baileys/lib/Utils/use-multi-file-auth-state.js'

console.log(typeof makeWASocket, typeof useMultiFileAuthState)
