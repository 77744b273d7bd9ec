import { type Status, stateNames } from '../../machines/index.ts'

/** How an account fares, as its host tells the others. */
export interface AccountReport {
  readonly status: Status
  readonly mode: 'heal' | 'observe'
}

/** What can be read of it. */
export function reportOf(content: unknown): AccountReport | undefined {
  if (typeof content !== 'object' || content === null || !('status' in content)) return undefined
  const { status } = content
  if (typeof status !== 'object' || status === null || !('state' in status)) return undefined
  if (!(stateNames as readonly unknown[]).includes(status.state)) return undefined
  return { status: status as Status, mode: 'mode' in content && content.mode === 'observe' ? 'observe' : 'heal' }
}

/** No host has the account, for now or because nobody asked for it. */
export const ownerless = (
  account: string,
  last: AccountReport | undefined,
  blocked: boolean,
  running: boolean,
): Status => {
  // What a person has to see to is still true.
  if (blocked && last) return last.status
  const {
    qr: _code,
    nextAttemptAt: _at,
    remedies: _remedies,
    ...known
  } = last?.status ?? {
    account,
    since: 0,
    attempt: 0,
    generation: 0,
  }
  return {
    ...known,
    account,
    state: 'stopped',
    message: running ? 'No host runs this account at the moment.' : 'Supervision is stopped.',
    remediation: running
      ? 'Nothing to do while hosts are there: one of them takes it over. If it stays so, start a host.'
      : `Call add('${account}') of the fleet.`,
    userAction: 'none',
  }
}
