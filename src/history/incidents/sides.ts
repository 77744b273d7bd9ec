import type { IncidentCause } from './fold.ts'

/** Whose side the trouble was on, as far as its cause says. */
export type Side = 'whatsapp' | 'network' | 'host' | 'unknown'

const sides: Partial<Readonly<Record<IncidentCause, Side>>> = {
  server: 'whatsapp',
  'restart-required': 'whatsapp',
  protocol: 'whatsapp',
  network: 'network',
  portal: 'network',
  'link-lost': 'network',
  'timed-out': 'network',
  'connect-timeout': 'network',
  deaf: 'network',
  clock: 'host',
  slept: 'host',
  asked: 'host',
  'connect-failed': 'host',
  'store-silent': 'host',
  'unclean-end': 'host',
}

export const sideOf = (cause: IncidentCause): Side => sides[cause] ?? 'unknown'
