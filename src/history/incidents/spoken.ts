import { type CloseCause, causeSaid, type StateName } from '../../../machines/index.ts'
import type { Act } from '../entry.ts'
import type { IncidentCause } from './fold.ts'

/** `1 contact`, `12 contacts`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** A sentence of its own: capital letter, full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const capital = `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}`
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

/** What an incident began with, as a heading and a row of a table have it. */
export const causeWords: Readonly<Record<IncidentCause, string>> = {
  ...causeSaid,
  stopped: 'supervision stopped',
  preparing: 'a look at the credentials',
  connecting: 'a connection that did not come about',
  healthy: 'a connection that did not last',
  degraded: 'messages that cannot be read',
  pruningSessions: 'sessions set aside',
  reconnecting: 'a lost connection',
  awaitingQr: 'a code was needed',
  conflicted: 'another client with the same credentials',
  blocked: 'the account was held back',
  'unclean-end': 'the run before ended without a stop (crash, kill or power cut)',
}

/** `another connection with the same credentials (440)`. */
export const closeSaid = ({ kind, code }: CloseCause): string =>
  `${causeWords[kind] ?? kind}${code === undefined ? '' : ` (${code})`}`

/** What entering a state means in the course of an incident. */
export const enteredWords: Readonly<Record<StateName, string>> = {
  stopped: 'Supervision stopped.',
  preparing: 'Looked at the stored credentials.',
  connecting: 'Dialled WhatsApp.',
  healthy: 'Connected.',
  degraded: 'Connected, but messages cannot be read.',
  pruningSessions: 'Began to set sessions aside.',
  reconnecting: 'Disconnected; dials again after a pause.',
  awaitingQr: 'A code is needed to link the account.',
  conflicted: 'Holds off, since another client uses the account.',
  blocked: 'Holds off, since dialling would not help.',
}

/** What was done, by the number of sessions that it was done to; undefined stands for all of them. */
export const actWords: Readonly<Record<Act, (sessions: number | undefined) => string>> = {
  'sessions-renewed': (sessions) => `${sessionsSaid(sessions)} made anew while connected`,
  'sessions-moved': (sessions) => `${sessionsSaid(sessions)} found under the other address of the contact`,
  'sessions-set-aside': (sessions) => `${sessionsSaid(sessions)} set aside`,
  'sender-key-set-aside': () => 'the key of a member for a group set aside',
  'credentials-restored': () => 'the credentials replaced by their last good copy',
  'pre-keys-raised': () => 'the pre-key ids in the credentials raised',
  'credentials-mended': () => 'fields of the credentials mended',
}

/** `12 sessions`, `all sessions`. */
export const sessionsSaid = (sessions: number | undefined): string =>
  sessions === undefined ? 'all sessions' : counted(sessions, 'session')

const wouldWords: Readonly<Record<Act, (sessions: number | undefined) => string>> = {
  'sessions-renewed': (sessions) => `would have made ${sessionsSaid(sessions)} anew`,
  'sessions-moved': (sessions) => `would have moved ${sessionsSaid(sessions)} to the other address of the contact`,
  'sessions-set-aside': (sessions) => `would have set ${sessionsSaid(sessions)} aside`,
  'sender-key-set-aside': () => 'would have set the key of a member for a group aside',
  'credentials-restored': () => 'would have put the last good credentials back',
  'pre-keys-raised': () => 'would have raised the pre-key ids',
  'credentials-mended': () => 'would have mended fields of the credentials',
}

/** Observe mode: what would have been done. */
export const wouldSaid = (act: Act, sessions: number | undefined): string => wouldWords[act](sessions)
