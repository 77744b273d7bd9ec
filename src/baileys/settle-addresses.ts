import { read } from '../errors/error-chain.ts'
import type { SessionTurns } from './session-turns.ts'
import { sessionRecord } from './session-work.ts'
import { parseJid } from './signal-address.ts'
import type { SocketKeys } from './socket.ts'

/** So many mappings are read at once. */
const atOnce = 256

/**
 * For version 7, which finds a session under the LID of a contact alone, and the number of a LID in the reverse mapping
 * alone. Sessions of contacts whose LID is known are moved there unless one is there already. A reverse mapping that is
 * lost is written again, which version 7 never does while the forward one stands. `names` are those of the files of all
 * stored keys. Resolves with how many sessions were moved.
 */
export async function settleAddresses(
  keys: Pick<SocketKeys, 'get' | 'set'>,
  turns: SessionTurns,
  names: readonly string[],
  me: { readonly id: string; readonly lid?: string | undefined } | undefined,
): Promise<number> {
  const ids = (pattern: RegExp) => names.flatMap((name) => pattern.exec(name)?.[1] ?? [])
  const reversed = new Set(ids(/^lid-mapping-(\d+)_reverse\.json$/))
  const numbers = ids(/^lid-mapping-(\d+)\.json$/)
  const sessions = new Set(ids(/^session-(.+)\.json$/))
  const plain = [...sessions].flatMap((address) => {
    const [, user, device] = /^(\d+)\.(\d+)$/.exec(address) ?? []
    return user === undefined ? [] : [{ address, user, device }]
  })
  const users = new Set(plain.map(({ user }) => user))
  const lids = await lidsOf(keys, reversed.size < numbers.length ? numbers : numbers.filter((one) => users.has(one)))
  const lost = lostReverses(lids, reversed)
  if (Object.keys(lost).length > 0) await keys.set({ 'lid-mapping': lost })

  const own = [me?.id, me?.lid].map((jid) => parseJid(jid ?? '')?.user)
  if (own[0] !== undefined && own[1] !== undefined) lids.set(own[0], own[1])
  const known = new Set([...reversed, ...lids.values()])
  let moved = 0
  for (const { address, user, device } of plain) {
    const lid = lids.get(user) ?? (known.has(user) ? user : undefined)
    const target = `${lid}_1.${device}`
    if (lid === undefined || sessions.has(target)) continue
    const isMoved = await turns.exchange([address, target].map(sessionRecord), async () => {
      const stored: unknown = await keys.get('session', [address, target])
      const session = read(stored, address)
      if (!session || read(stored, target)) return undefined
      return { session: { [target]: session as Uint8Array, [address]: null } }
    })
    if (isMoved) moved += 1
  }
  return moved
}

/**
 * The reverse mappings that are missing, by their ids. Of a LID that two numbers lead to nobody knows any more whose it
 * is now.
 */
export function lostReverses(
  lids: ReadonlyMap<string, string>,
  reversed: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  const numbers = new Map<string, string[]>()
  for (const [number, lid] of lids) numbers.set(lid, [...(numbers.get(lid) ?? []), number])
  const lost = [...numbers].flatMap(([lid, [number, other]]) =>
    number === undefined || other !== undefined || reversed.has(lid) ? [] : [[`${lid}_reverse`, number] as const],
  )
  return Object.fromEntries(lost)
}

async function lidsOf(keys: Pick<SocketKeys, 'get'>, numbers: readonly string[]): Promise<Map<string, string>> {
  const lids = new Map<string, string>()
  for (let at = 0; at < numbers.length; at += atOnce) {
    const some = numbers.slice(at, at + atOnce)
    const stored: unknown = await keys.get('lid-mapping', some)
    for (const number of some) {
      const lid = read(stored, number)
      if (typeof lid === 'string' && /^\d+$/.test(lid)) lids.set(number, lid)
    }
  }
  return lids
}
