export { useMultiFileAuthState } from '@whiskeysockets/baileys'
