import { makeWASocket } from 'baileys-6'

export const connect = ({ auth, logger }) => makeWASocket({ auth, logger })
