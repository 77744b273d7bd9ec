import { makeWASocket } from '@whiskeysockets/baileys'

export const connect = ({ auth, logger, generation }) => {
  if (generation > 2)
    setTimeout(() => {
      throw new Error('nobody catches this')
    }, 10)
  return makeWASocket({ auth, logger })
}
