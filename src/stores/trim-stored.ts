import type { Policy } from '../../machines/index.ts'
import type { SignalDataSet, SignalDataTypeMap } from '../baileys/baileys-types.ts'
import { trimmedKey } from '../baileys/key-trim.ts'
import { classify } from './file-class.ts'
import type { AuthStore, QuarantineEntry } from './store.ts'

/**
 * Takes out of stored sessions and sender keys what no message can need any more. The files of before are copied into
 * the quarantine. Undefined, and nothing has changed, if there was nothing to take out. The store must be owned, and
 * its credentials present.
 */
export async function trimStored(
  store: AuthStore,
  names: readonly string[],
  limits: Policy['trim'],
  reason: string,
): Promise<QuarantineEntry | undefined> {
  if (names.length === 0) return undefined
  const opened = await store.open()
  try {
    const { keys } = opened.state
    const shorter: Record<string, Record<string, unknown>> = {}
    const changed: string[] = []
    for (const name of names) {
      const { type, id } = keyOf(name)
      const stored: Readonly<Record<string, unknown>> = await keys.get(type as keyof SignalDataTypeMap, [id])
      const value = trimmedKey(type, stored[id], limits)
      if (value === undefined) continue
      shorter[type] = { ...shorter[type], [id]: value }
      changed.push(name)
    }
    if (changed.length === 0) return undefined
    const entry = await store.copyAside({ kind: 'files', names: changed }, reason)
    await keys.set(shorter as SignalDataSet)
    return entry
  } finally {
    await opened.close()
  }
}

/** Ids as file names spell them lead to the same files. */
function keyOf(name: string): { readonly type: string; readonly id: string } {
  const type = classify(name)?.prefix ?? ''
  return { type, id: name.slice(type.length + 1, -'.json'.length) }
}
