import { muteConsole } from '../../baileys/muted-console.ts'
import { mendTorn } from './torn-creds.ts'

// A program of its own: puts the last good creds.json of a folder back.

const [, , folder = '', baileys = ''] = process.argv
muteConsole()
await mendTorn(folder, baileys)
