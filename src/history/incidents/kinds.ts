import type { IncidentCause, OpenIncident } from './fold.ts'

/** What kind of trouble an incident is, by what it began with. What is not named here is the link's. */
const kinds: Partial<Readonly<Record<IncidentCause, 'link' | 'power' | 'sessions' | 'account'>>> = {
  // Each is told by itself: the first link, a run that was killed, a logout.
  'unclean-end': 'power',
  awaitingQr: 'account',
  'logged-out': 'account',
  refused: 'account',
  'temporary-ban': 'account',
  locked: 'account',
  banned: 'account',
  // Messages that cannot be read, and the closes that come with them.
  degraded: 'sessions',
  pruningSessions: 'sessions',
  replaced: 'sessions',
  conflicted: 'sessions',
  'restart-required': 'sessions',
}

const kindOf = ({ cause }: OpenIncident): 'link' | 'power' | 'sessions' | 'account' => kinds[cause] ?? 'link'

/**
 * Whether trouble that follows at once goes on with what went before. A link that drops again does, messages that
 * cannot be read again, and those that a power cut left unreadable; a second power cut, or a code, is another incident.
 */
export const isSameTrouble = (before: OpenIncident, next: OpenIncident): boolean => {
  const [kind, former] = [kindOf(next), kindOf(before)]
  if (former === 'power') return kind === 'sessions' && !endsPowerCut(before, next.cause)
  return (kind === 'link' || kind === 'sessions') && former === kind
}

/** A 440 or a 515 after the start that followed a power cut is a trouble of its own. */
export const endsPowerCut = (before: OpenIncident, close: IncidentCause): boolean =>
  kindOf(before) === 'power' && (close === 'replaced' || close === 'restart-required')
