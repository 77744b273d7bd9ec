import type { StateName } from './status.ts'

/** Each state in words, as a step of the way that an account went: `connected → waiting for the next try`. */
export const stateWords: Readonly<Record<StateName, string>> = {
  stopped: 'stopped',
  preparing: 'checking the credentials',
  connecting: 'connecting',
  healthy: 'connected',
  degraded: 'connected, messages unreadable',
  pruningSessions: 'setting sessions aside',
  reconnecting: 'waiting for the next try',
  awaitingQr: 'waiting for a code',
  conflicted: 'another client is connected',
  blocked: 'held back',
}
