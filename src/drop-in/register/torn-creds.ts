import { LockedError } from '../../errors/errors.ts'
import { wordsOf } from '../../errors/thrown.ts'
import type { HistoryEntry } from '../../history/entry.ts'
import type { BaileysParts } from '../../stores/codec.ts'
import { fileAuthStore } from '../../stores/folder/file-store.ts'
import { configIn } from './config.ts'
import { say } from './seen.ts'
import { configVariable, settingsIn } from './settings.ts'

const why = 'creds.json was torn when the program was started'

async function mend(folder: string, baileys: string): Promise<void> {
  if (settingsIn(process.env).mode === 'observe') return
  const config = process.env[configVariable]
  if (config && (await configIn(config)).mode === 'observe') return
  const store = fileAuthStore(folder, { baileys: async (): Promise<BaileysParts> => import(baileys) })
  await store.acquire()
  try {
    const restored = await store.restoreCreds(why)
    if (!restored) {
      if (store.replayed?.finished.includes('creds.json'))
        say(`${folder}: creds.json was torn. What was saved last was put back.`)
      return
    }
    await store.repairPreKeys({ force: true })
    const entry: HistoryEntry = { type: 'act', at: Date.now(), act: 'credentials-restored', why }
    await store.appendHistory(entry)
    say(`${folder}: creds.json was torn. The copy of ${new Date(restored.savedAt).toISOString()} was put back.`)
  } finally {
    await store.release()
  }
}

/**
 * Puts the last good creds.json of a folder back, unless nothing is to be changed or somebody owns it. What it replaces
 * is kept. `baileys`: the main file of the one that it belongs to, as a URL. Never rejects.
 */
export async function mendTorn(folder: string, baileys: string): Promise<void> {
  try {
    await mend(folder, baileys)
  } catch (error) {
    // Whoever owns it mends it.
    if (!(error instanceof LockedError)) say(`${folder}: creds.json is torn and was left as it is: ${wordsOf(error)}`)
  }
}
