import { eachBounded, mapBounded } from './bounded.ts'
import type { Codec } from './codec.ts'
import { classify, unknownRow } from './file-class.ts'
import { keyFileName } from './file-name.ts'
import { fileFinding } from './findings.ts'
import { loadsAsSession } from './session-record.ts'
import type { Finding, SessionsLook, SessionsSeen } from './store.ts'
import { contentIn } from './survey.ts'

const width = 16
/** So many are looked at however long it takes: an account of usual size is looked through by any clock. */
const least = 64
const sessionPrefix = keyFileName('session', '').replace(/\.json$/, '')

export interface SessionLookParts {
  /** The names of all files; where `changedAt` is absent they are looked at in this order. */
  readonly names: () => Promise<readonly string[]>
  /** When a file was last written, epoch milliseconds; it may be gone. Absent where nobody knows. */
  readonly changedAt?: ((name: string) => Promise<number>) | undefined
  /** Undefined if the file is gone since it was listed. */
  readonly read: (name: string) => Promise<Buffer | undefined>
  readonly codec: Codec
}

/** Looks for sessions that nothing can load, in the order and for the time that `look` says. */
export const lookAtSessions = async (parts: SessionLookParts, look: SessionsLook): Promise<SessionsSeen> => {
  const begun = look.now()
  const spent = () => look.now() - begun
  const names = look.names ?? (await newestFirst(parts, () => spent() * 2 > look.withinMs))
  const left: string[] = []
  let looked = 0
  const found = await mapBounded(names, width, (name): Promise<Finding | undefined> | undefined => {
    if (looked >= least && spent() >= look.withinMs) {
      left.push(name)
      return undefined
    }
    looked += 1
    return damageIn(parts, name)
  })
  return { findings: found.filter((finding) => finding !== undefined), left }
}

/**
 * What was written last before a power cut is what it tore. When each was written is asked for as long as there is time
 * for that; the others come behind, by name.
 */
async function newestFirst(parts: SessionLookParts, isLate: () => boolean): Promise<readonly string[]> {
  const names = (await parts.names()).filter((name) => name.startsWith(sessionPrefix) && name.endsWith('.json'))
  const { changedAt } = parts
  if (!changedAt || names.length <= least) return names
  const at = new Map<string, number>()
  await eachBounded(names, width, async (name) => {
    if (!isLate()) at.set(name, await changedAt(name).catch(() => 0))
  })
  const age = (name: string) => at.get(name) ?? Number.NEGATIVE_INFINITY
  return names.sort((a, b) => age(b) - age(a) || (a < b ? -1 : 1))
}

async function damageIn(parts: SessionLookParts, name: string): Promise<Finding | undefined> {
  const row = classify(name) ?? unknownRow
  const content = await contentIn(parts, name, row)
  if (content === undefined || 'finding' in content) return content?.finding
  // Baileys takes every falsy value for an absent session.
  if (!content.value || loadsAsSession(content.value)) return undefined
  return fileFinding('session-poison', `${name} is JSON, but no session that libsignal can load`, name, row)
}
