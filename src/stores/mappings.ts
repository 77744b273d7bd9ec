import { lostReverses } from '../baileys/settle-addresses.ts'
import type { AuthStore, Finding } from './store.ts'

const pattern = /^lid-mapping-(\d+)(_reverse)?\.json$/

/** The reverse mappings that are missing beside the forward ones, by their ids. `contents` are those of the files. */
export function missingReverses(contents: ReadonlyMap<string, unknown>): Readonly<Record<string, string>> {
  const lids = new Map<string, string>()
  const reversed = new Set<string>()
  for (const [name, value] of contents) {
    const [, user, reverse] = pattern.exec(name) ?? []
    if (user === undefined) continue
    if (reverse) reversed.add(user)
    else if (typeof value === 'string' && /^\d+$/.test(value)) lids.set(user, value)
  }
  return lostReverses(lids, reversed)
}

/** Writes those that an inspection missed; resolves with how many. The store has to be owned, nothing of it open. */
export async function writeReverses(store: AuthStore, findings: readonly Finding[]): Promise<number> {
  const numbers = findings.flatMap(({ code, file = '' }) =>
    code === 'lid-mapping-one-way' ? (pattern.exec(file)?.[1] ?? []) : [],
  )
  if (numbers.length === 0) return 0
  const { state, close } = await store.open()
  try {
    const lids = await state.keys.get('lid-mapping', numbers)
    const lost = Object.entries(lids).map(([number, lid]) => [`${lid}_reverse`, number] as const)
    await state.keys.set({ 'lid-mapping': Object.fromEntries(lost) })
    return lost.length
  } finally {
    await close()
  }
}
