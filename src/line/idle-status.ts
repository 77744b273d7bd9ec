import { byMethod, type Status } from '../../machines/index.ts'

/** What a line shows before its first start. */
export const idle = (account: string): Status => ({
  account,
  state: 'stopped',
  since: Date.now(),
  message: 'Supervision is stopped.',
  remediation: `${byMethod.start}.`,
  remedies: ['start'],
  userAction: 'none',
  attempt: 0,
  generation: 0,
})
