import type { NoticeKind } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'
import type { HistoryEntry } from '../history/entry.ts'

/** What was told since the account was last up. */
export interface ToldBefore {
  /** By kind and reason. */
  readonly keys: ReadonlySet<string>
  /** Something that says that the account is down. */
  readonly outage: boolean
  /** Epoch milliseconds; undefined while the account is up, or stopped with nothing told. */
  readonly downSince: number | undefined
}

/** Kinds that themselves tell that the account is down, until it is up again. */
export const tellsOutage: ReadonlySet<string> = new Set<NoticeKind>(['outage', 'relink-needed', 'conflict', 'blocked'])

/** The same trouble has the same key. */
export const troubleKey = (kind: string, reason: unknown): string => `${kind} ${String(reason ?? '')}`

/**
 * Reads off the history of earlier runs what its owner was told already: a reboot in the middle of an outage neither
 * tells it again nor swallows the recovery.
 */
export function toldBefore(history: readonly HistoryEntry[]): ToldBefore {
  let keys = new Set<string>()
  let downSince: number | undefined
  const clear = () => {
    keys = new Set()
    downSince = undefined
  }
  for (const entry of history) {
    if (entry.type === 'transition') {
      if (isOpen(entry.to)) clear()
      else if (entry.to !== 'stopped') downSince ??= entry.at
      else if (keys.size === 0) downSince = undefined
    } else if (entry.type === 'notice') {
      if (entry.kind === 'recovered') clear()
      if (!tellsOutage.has(entry.kind)) continue
      keys.add(troubleKey(entry.kind, entry.details?.reason))
      downSince ??= entry.at
    }
  }
  return { keys, outage: keys.size > 0, downSince }
}
