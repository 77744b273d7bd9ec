import { makeWASocket } from '@whiskeysockets/baileys'

export const connect = ({ auth, logger }) => makeWASocket({ auth, logger })
