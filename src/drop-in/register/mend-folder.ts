import { muteConsole } from '../../baileys/muted-console.ts'
import { mendTorn } from './torn-creds.ts'

// A program of its own: puts the last good creds.json of a folder back.

muteConsole()
void mendTorn(...(process.argv.slice(2) as [folder: string, baileys: string]))
