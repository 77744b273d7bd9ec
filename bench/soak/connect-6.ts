import { makeWASocket } from 'baileys-6'
import type { ConnectOptions } from '../../src/index.ts'

export const connect = ({ auth, logger, caches }: ConnectOptions) => makeWASocket({ auth, logger, ...caches })
