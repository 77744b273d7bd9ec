import type { StateName, Status } from '../../machines/index.ts'

type Label = (status: Status) => string

/** Each state in a few words, for the eye that runs over a list. */
const labels: Readonly<Record<StateName, Label>> = {
  stopped: () => 'Stopped',
  preparing: () => 'Checking the credentials',
  connecting: () => 'Connecting',
  healthy: () => 'Connected',
  degraded: ({ userAction }) => (userAction === 'none' ? 'Connected, healing' : 'Connected, messages unreadable'),
  pruningSessions: () => 'Setting sessions aside',
  reconnecting: () => 'Reconnecting',
  awaitingQr: ({ userAction, qr }) => {
    if (userAction === 'none') return 'Linking'
    return qr ? 'Scan the code' : 'Needs to be linked'
  },
  conflicted: () => 'Used by another client',
  blocked: ({ userAction, lastClose }) => {
    // A lock whose owner cannot be seen is waited for too, and is no ban.
    if (userAction === 'wait' && lastClose?.cause.kind !== 'temporary-ban') return 'Waiting for another process'
    return blockLabels[userAction] ?? 'Not let in'
  },
}

const blockLabels: Partial<Readonly<Record<Status['userAction'], string>>> = {
  wait: 'Banned for a time',
  'ask-whatsapp': 'Blocked by WhatsApp',
  'update-client': 'Client refused',
  'check-disk': 'Disk in trouble',
  'check-other-client': 'In use elsewhere',
}

/** The state of an account in words. A disk that fails is no good news in any state. */
export function labelOf(status: Status): string {
  const label = labels[status.state](status)
  return status.userAction === 'check-disk' && status.state !== 'blocked'
    ? `${label}, but the disk is in trouble`
    : label
}
