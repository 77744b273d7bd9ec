import type { Policy } from '../../machines/index.ts'

/** As libsignal for Node marks chains and base keys. */
const receiving = 2
const ofThem = 2
/** A session that is not closed. */
const open = -1

interface Chain {
  readonly chainType: number
  /** A chain without its key makes no further message keys. */
  readonly chainKey: { readonly key?: unknown }
  /** Keys of messages that were skipped, by their number. */
  readonly messageKeys: Record<string, unknown>
}

interface Session {
  readonly currentRatchet: { readonly lastRemoteEphemeralKey: unknown }
  readonly indexInfo: { readonly baseKeyType?: unknown; readonly closed: number }
  readonly _chains: Record<string, Chain>
}

/**
 * Takes out of a stored session, in place, what no message can need any more. libsignal for Node keeps a receiving
 * chain for each turn of the ratchet and for ever; what has another shape stays as it is.
 *
 * Signal's own library keeps five receiving chains, 2,000 keys of skipped messages in each, and forty archived sessions
 * (`MAX_RECEIVER_CHAINS`, `MAX_MESSAGE_KEYS` and `ARCHIVED_STATES_MAX_LENGTH` in `rust/protocol/src/consts.rs` of
 * signalapp/libsignal). Beyond the five, these stay here:
 *
 * - chains that can still read something, as many as `lateChains`: a late message is read as without us;
 * - the first chain of a session that the other side began: a first message that comes twice is told as a duplicate by
 *   it, and would be asked for again without it.
 *
 * Returns whether something was taken out.
 */
export function trimSession(record: unknown, limits: Policy['trim']): boolean {
  const sessions = objectIn(record, '_sessions')
  if (!sessions) return false
  let trimmed = trimClosed(sessions, limits.closedSessions)
  for (const session of Object.values(sessions))
    if (isSession(session)) trimmed = trimChains(session, limits) || trimmed
  return trimmed
}

/** The sessions that were closed first go first, as in libsignal. */
function trimClosed(sessions: Record<string, unknown>, most: number): boolean {
  const closed = Object.entries(sessions).flatMap(([key, session]) =>
    isSession(session) && session.indexInfo.closed !== open ? [{ key, at: session.indexInfo.closed }] : [],
  )
  const over = closed.sort((a, b) => b.at - a.at).slice(most)
  for (const { key } of over) delete sessions[key]
  return over.length > 0
}

function trimChains(session: Session, limits: Policy['trim']): boolean {
  const chains = session._chains
  const names = Object.keys(chains).filter((name) => chains[name]?.chainType === receiving)
  let trimmed = false
  for (const name of names) trimmed = trimSkipped(chains[name], limits.skippedKeys) || trimmed
  const needed = new Set(names.slice(-limits.receiverChains))
  needed.add(String(session.currentRatchet.lastRemoteEphemeralKey))
  if (session.indexInfo.baseKeyType === ofThem && names[0] !== undefined) needed.add(names[0])
  const older = names.filter((name) => !needed.has(name))
  const late = older.filter((name) => canRead(chains[name]))
  // `slice(-0)` would be all of them.
  for (const name of late.slice(Math.max(0, late.length - limits.lateChains))) needed.add(name)
  for (const name of older) if (!needed.has(name)) delete chains[name]
  return trimmed || names.some((name) => !needed.has(name))
}

/** Whether some message, whenever it comes, can be read with it. */
const canRead = (chain: Chain | undefined): boolean =>
  chain?.chainKey?.key !== undefined || Object.keys(chain?.messageKeys ?? {}).length > 0

/** The keys of the messages that were skipped first go first. */
function trimSkipped(chain: Chain | undefined, most: number): boolean {
  if (!chain?.messageKeys) return false
  // Names that are numbers come in their order.
  const numbers = Object.keys(chain.messageKeys)
  if (numbers.length <= most) return false
  for (const number of numbers.slice(0, numbers.length - most)) delete chain.messageKeys[number]
  return true
}

function isSession(value: unknown): value is Session {
  return (
    objectIn(value, '_chains') !== undefined &&
    objectIn(value, 'currentRatchet') !== undefined &&
    typeof objectIn(value, 'indexInfo')?.closed === 'number'
  )
}

function objectIn(holder: unknown, name: string): Record<string, unknown> | undefined {
  if (typeof holder !== 'object' || holder === null) return undefined
  const value = (holder as Record<string, unknown>)[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
