import type { ConnectionEvent } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'
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
    link: true,
  }
}

/** What an owner sees of an account. `shownAt` is when its code came on show; a code past its time is none. */
export function accountView(line: DashboardLine, shownAt: number, now: number): AccountView {
  const { qr: code, ...status } = line.status
  const qr = code !== undefined && code.expiresAt > now ? code : undefined
  return {
    account: line.account,
    mode: line.mode,
    status,
    ...(qr === undefined ? {} : { qr: { ...qr, shownAt } }),
    label: labelOf(qr === undefined ? status : line.status),
    place: litPlaces(status.state, line.actor?.getSnapshot().value),
    trail: trailOf(line.history()),
    can: abilitiesOf(line),
    ...(line.host === undefined ? {} : { host: line.host }),
  }
}

/**
 * What a guest sees of it: the code, and whether it was scanned. `spent` once the link has done its work, so that no
 * later code is shown.
 */
export function guestView({ account, mode, status, qr, label }: AccountView, spent: boolean): AccountView {
  const { state, since, message, remediation, userAction } = status
  return {
    account,
    mode,
    status: {
      account,
      state,
      since,
      message,
      ...(remediation === undefined ? {} : { remediation }),
      userAction,
      attempt: 0,
      generation: 0,
    },
    ...(qr === undefined || spent ? {} : { qr }),
    label,
    place: [],
    trail: [],
    can: never,
  }
}
