import type { ConnectionEvent, Status } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'
import type { HistoryEntry } from '../history/entry.ts'
import { causeWords, sentence } from '../history/incidents/index.ts'
import { litPlaces, trailOf } from './chart.ts'
import { labelOf } from './labels.ts'
import type { DashboardLine } from './lines.ts'
import type { Abilities, AccountView } from './wire.ts'

const never: Abilities = {
  reconnect: false,
  pruneFailing: false,
  pruneAll: false,
  relink: false,
  restore: false,
  pairingCode: false,
  keepLink: false,
  link: false,
}

/** Which actions the statechart would take now. A line without one in this process is judged by its state. */
function abilitiesOf(line: DashboardLine): Abilities {
  const { state } = line.status
  if (state === 'stopped') return never
  const heals = line.mode === 'heal'
  const snapshot = line.actor?.getSnapshot()
  const takes = (event: ConnectionEvent, guess: boolean): boolean => {
    if (snapshot?.status !== 'active') return guess
    try {
      return snapshot.can(event)
    } catch {
      // A guard that throws is reported by the supervision when the event comes.
      return false
    }
  }
  return {
    reconnect: takes({ type: 'reconnect' }, true),
    pruneFailing: takes({ type: 'prune', scope: 'failing' }, heals && state === 'degraded'),
    pruneAll: takes({ type: 'prune', scope: 'all' }, heals && isOpen(state)),
    relink: takes({ type: 'relink' }, true),
    restore: heals,
    pairingCode: state === 'awaitingQr' && takes({ type: 'pairing.request', phone: '0' }, true),
    keepLink: state === 'awaitingQr' && takes({ type: 'reconnect' }, false) && wasAskedFor(line),
    link: true,
  }
}

/** The code is on show because a person asked for it: the old credentials may still be good. */
const wasAskedFor = ({ actor }: DashboardLine): boolean => actor?.getSnapshot().context.pair.reason === 'asked'

/** Since when the account is not connected; undefined while it is, and where no connection is on record. */
export function downSince({
  status,
  history,
}: Pick<DashboardLine, 'status'> & { readonly history: readonly HistoryEntry[] }): number | undefined {
  if (isOpen(status.state)) return undefined
  let left: number | undefined
  for (let at = history.length - 1; at >= 0; at -= 1) {
    const entry = history[at]
    if (entry?.type !== 'transition') continue
    if (isOpen(entry.to)) return left
    left = entry.at
  }
  return undefined
}

/** When it was last connected, or was started since; closes from before say nothing of how it is now. */
const beginning = (history: readonly HistoryEntry[]): number =>
  history.findLast((entry) => entry.type === 'transition' && (isOpen(entry.to) || entry.from === 'stopped'))?.at ?? 0

/**
 * What keeps an account from being well, the same for all who share it: its numbers and details are left out. `began`:
 * when it was last connected, or was started since.
 */
export function troubleOf(status: Status, began: number): string | undefined {
  const { state, userAction, lastClose } = status
  if (state === 'stopped' || (state === 'healthy' && userAction === 'none')) return undefined
  const tries = state === 'reconnecting' || state === 'connecting' || state === 'preparing'
  if (!tries || userAction !== 'none') return labelOf(status)
  if (lastClose === undefined) return undefined
  // At a start the last close may be days old: then it is not why the account is down.
  return state === 'reconnecting' || lastClose.at > began ? sentence(causeWords[lastClose.cause.kind]) : undefined
}

/** What an owner sees of an account. `shownAt` is when its code came on show; a code past its time is none. */
export function accountView(line: DashboardLine, shownAt: number, now: number): AccountView {
  const { qr: code, ...status } = line.status
  const history = line.history()
  const down = downSince({ status: line.status, history })
  const trouble = troubleOf(line.status, beginning(history))
  const qr = code !== undefined && code.expiresAt > now ? code : undefined
  return {
    account: line.account,
    mode: line.mode,
    status,
    ...(qr === undefined ? {} : { qr: { ...qr, shownAt } }),
    label: labelOf(qr === undefined ? status : line.status),
    place: litPlaces(status.state, line.actor?.getSnapshot().value),
    trail: trailOf(history),
    ...(down === undefined ? {} : { downSince: down }),
    can: abilitiesOf(line),
    ...(trouble === undefined ? {} : { trouble }),
    ...(line.host === undefined ? {} : { host: line.host }),
  }
}

/**
 * What a guest sees of it: the code, and whether it was scanned. `spent` once the link has done its work, so that no
 * later code is shown.
 */
export function guestView({ account, mode, status, qr, label, can }: AccountView, spent: boolean): AccountView {
  const { state, since, message, remediation, remedies, userAction } = status
  return {
    account,
    mode,
    status: {
      account,
      state,
      since,
      message,
      ...(remediation === undefined ? {} : { remediation }),
      ...(remedies === undefined ? {} : { remedies }),
      userAction,
      attempt: 0,
      generation: 0,
    },
    ...(qr === undefined || spent ? {} : { qr }),
    label,
    place: [],
    trail: [],
    can: { ...never, pairingCode: can.pairingCode && !spent },
  }
}
