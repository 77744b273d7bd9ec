import * as first from '@whiskeysockets/baileys'
import * as second from 'baileys'
import loop from './loop.cjs'

await loop(first, process.argv[2], 'first')
await loop(second, process.argv[3], 'second')
