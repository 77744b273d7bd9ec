interface StepRow {
  readonly means: string
  /** It damages sessions or messages, so that setting sessions aside may be right. */
  readonly harms?: true
}

/**
 * What a schedule is made of, by its name. What each does stands in `play-step.ts`, which needs Baileys; to write, read
 * and name schedules nothing is needed.
 */
export const steps = {
  '503': { means: 'the server says 503' },
  '515': { means: 'the server asks for a restart' },
  '440': { means: 'another connection takes the place' },
  'stream-end': { means: 'the server ends the stream' },
  'broken-xml': { means: 'the server hears broken XML' },
  reset: { means: 'TCP is reset' },
  'half-open': { means: 'the link dies without a word' },
  '500-at-login': { means: 'the next login fails with 500' },
  '405-at-login': { means: 'the next login is told that the client is outdated' },
  '402-at-login': { means: 'the next login is told of a ban for an hour' },
  'reset-at-hello': { means: 'the next handshake is reset' },
  'close-at-connect': { means: 'the next connection closes at once' },
  garbage: { means: 'the next handshake is answered with garbage' },
  portal: { means: 'a proxy answers the next upgrade with 401' },
  unplug: { means: 'the network goes, and comes back' },
  write: { means: 'every friend writes' },
  damage: { means: 'session files are foreign, empty, half-written or full of NULs', harms: true },
  'lost-track': { means: 'a friend writes in a session that the account never had', harms: true },
  reconnect: { means: 'a person asks for a reconnect' },
  prune: { means: 'a person sets all sessions aside' },
  restart: { means: 'the gateway is stopped and started' },
} as const satisfies Record<string, StepRow>

export type StepName = keyof typeof steps
export const stepNames = Object.keys(steps) as readonly StepName[]
export const isStepName = (name: string): name is StepName => Object.hasOwn(steps, name)

/** One step of a schedule, and whether the account is given the time to heal before it. */
export interface Step {
  readonly name: StepName
  readonly settled: boolean
}

const row = (name: StepName): StepRow => steps[name]
export const harms = (name: StepName): boolean => row(name).harms === true
export const meaning = (name: StepName): string => row(name).means
