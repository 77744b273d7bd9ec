import { knownOptions, millisecondsOption, wrongOption } from '../errors/wrong-option.ts'

/** How a fleet moves. Times are milliseconds. */
export interface FleetPace {
  /** How often a host shows that it lives. Default 3 s: a dashboard shows nothing as true that is older than 10 s. */
  readonly announceMs: number
  /** A host that was not seen for so long gets no accounts and counts for no share. Default 15 s. */
  readonly aliveMs: number
  /** How often a host looks which accounts are free. Default 2 s; what others tell is looked into at once. */
  readonly planMs: number
  /** How often commands, answers and statuses are looked for where nothing tells of them. Default 2 s. */
  readonly pollMs: number
  /** How long a command to another host may take. Default 30 s. */
  readonly answerMs: number
  /** Connections of one host on their way at once. Default 10. */
  readonly connecting: number
  /** Mean pause between two connections, each drawn from half of it to one and a half. Default 100 ms. */
  readonly spacingMs: number
  /**
   * After so long without one account that gets through to WhatsApp, while others do on other hosts, a host gives its
   * accounts away. Default 60 s.
   */
  readonly offlineMs: number
  /**
   * How long an account is left alone that could not be claimed, because another program has it, or that was given
   * away. Default 10 s.
   */
  readonly refusedMs: number
}

export const defaultPace: FleetPace = {
  announceMs: 3_000,
  aliveMs: 15_000,
  planMs: 2_000,
  pollMs: 2_000,
  answerMs: 30_000,
  connecting: 10,
  spacingMs: 100,
  offlineMs: 60_000,
  refusedMs: 10_000,
}

const longestMs = 3_600_000

/** Fills in the defaults; throws `OptionsError` for what cannot work. */
export const paceOf = (given: Partial<FleetPace> = {}): FleetPace => {
  knownOptions('pace', given, Object.keys(defaultPace))
  const pace = { ...defaultPace, ...given }
  for (const name of ['announceMs', 'aliveMs', 'planMs', 'pollMs', 'answerMs', 'offlineMs', 'refusedMs'] as const)
    millisecondsOption(`pace.${name}`, pace[name], 10, longestMs)
  millisecondsOption('pace.spacingMs', pace.spacingMs, 0, 60_000)
  if (!Number.isInteger(pace.connecting) || pace.connecting < 1)
    throw wrongOption('pace.connecting', pace.connecting, 'a whole number from 1')
  if (pace.aliveMs < 2 * pace.announceMs)
    throw wrongOption('pace.aliveMs', pace.aliveMs, `at least twice pace.announceMs (${pace.announceMs})`)
  return pace
}
