import { makeWASocket } from '@whiskeysockets/baileys'

export const connect = ({ auth, logger }) => makeWASocket({ auth, logger, waWebSocketUrl: 'ws://127.0.0.1:9/ws/chat' })
