import type { AccountView } from '../wire.ts'

type State = AccountView['status']['state']

/** Each state as a step of the way that an account went: `connected → waiting for the next try`. */
export const stateWords: Readonly<Record<State, string>> = {
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
