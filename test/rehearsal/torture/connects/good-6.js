import { makeWASocket } from 'baileys-6'

export const connect = ({ auth, logger, caches }) => makeWASocket({ auth, logger, ...caches })
