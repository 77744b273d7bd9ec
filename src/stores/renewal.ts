import type { SignalDataSet, SignalDataTypeMap } from '../baileys/baileys-types.ts'
import { fileClassRows } from './file-class.ts'
import { credsFile } from './file-name.ts'
import type { AuthStore, Finding, QuarantineEntry } from './store.ts'

/** The names of the files that are to be written anew. */
export const olderForms = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ code, file }) => (code === 'older-form' && file !== undefined ? [file] : []))

/**
 * Writes files anew in the form that the Baileys of today reads; what was there is copied into the quarantine first.
 * The store has to be owned, and nothing of it open.
 */
export async function renew(store: AuthStore, names: readonly string[]): Promise<QuarantineEntry | undefined> {
  if (names.length === 0) return undefined
  const entry = await store.copyAside({ kind: 'files', names }, 'written anew in the form of today')
  const { state, saveCreds, close } = await store.open()
  try {
    for (const { class: type, prefix } of fileClassRows) {
      if (type === 'creds') continue
      const own = names.filter((name) => classOf(name) === type)
      if (own.length === 0) continue
      // An id in which `/` and `:` are spelt as in the name leads to the same file.
      const ids = own.map((name) => name.slice(prefix.length + 1, -'.json'.length))
      const values = await state.keys.get(type as keyof SignalDataTypeMap, ids)
      // One that cannot be read any more is left as it is.
      const present = Object.fromEntries(Object.entries(values).filter(([, value]) => Boolean(value)))
      await state.keys.set({ [type]: present } as SignalDataSet)
    }
    if (names.includes(credsFile)) await saveCreds()
  } finally {
    await close()
  }
  return entry
}

const classOf = (name: string) => fileClassRows.find(({ prefix }) => name.startsWith(`${prefix}-`))?.class
