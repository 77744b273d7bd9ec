import { makeWASocket } from '@whiskeysockets/baileys'

export const connect = ({ auth, logger, caches }) => makeWASocket({ auth, logger, ...caches })
