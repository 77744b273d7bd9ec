import { makeWASocket } from '@whiskeysockets/baileys'
import type { ConnectOptions } from '../../src/index.ts'

export const connect = ({ auth, logger, caches }: ConnectOptions) => makeWASocket({ auth, logger, ...caches })
