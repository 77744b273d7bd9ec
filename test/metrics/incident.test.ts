import { describe, expect, test } from 'vitest'
import { type IncidentStep, incidentStep, type OpenIncident } from '../../src/history/incidents/fold.ts'
import type { StateName, Status } from '../../src/index.ts'
import { statusIn } from '../notices/notices.ts'

type Step = StateName | readonly [StateName, NonNullable<Status['lastClose']>['cause']['kind']]

/** Each status is entered ten seconds after the one before. */
function play(...states: readonly Step[]) {
  let incident: OpenIncident | undefined
  let before: Status | undefined
  const ended: NonNullable<IncidentStep['ended']>[] = []
  states.forEach((state, index) => {
    const since = index * 10_000
    const status: Status =
      typeof state === 'string'
        ? { ...statusIn(state), since, ...(before?.lastClose ? { lastClose: before.lastClose } : {}) }
        : { ...statusIn(state[0]), since, lastClose: { at: since, cause: { kind: state[1], message: '' } } }
    const step = incidentStep(incident, status, before)
    incident = step.incident
    if (step.ended) ended.push(step.ended)
    before = status
  })
  return { incident, ended: ended.map(({ incident: { cause }, healed, tookMs }) => ({ cause, healed, tookMs })) }
}

describe('an incident', () => {
  type Row = readonly [string, readonly Step[], ReturnType<typeof play>['ended'], boolean]
  const rows: readonly Row[] = [
    ['is none where a start goes well', ['stopped', 'preparing', 'connecting', 'healthy'], [], false],
    ['is none where a healthy line is stopped', ['healthy', 'stopped', 'preparing'], [], false],
    ['begins when health ends', ['healthy', 'connecting'], [], true],
    [
      'ends with health',
      ['healthy', ['reconnecting', 'link-lost'], 'preparing', 'connecting', 'healthy'],
      [{ cause: 'link-lost', healed: true, tookMs: 30_000 }],
      false,
    ],
    [
      'goes on from degraded to the close that the cure needs, under its first close',
      ['healthy', 'degraded', 'pruningSessions', ['reconnecting', 'asked'], ['reconnecting', 'network'], 'healthy'],
      [{ cause: 'asked', healed: true, tookMs: 40_000 }],
      false,
    ],
    [
      'without a close has the name of its state',
      ['degraded', 'healthy'],
      [{ cause: 'degraded', healed: true, tookMs: 10_000 }],
      false,
    ],
    [
      'that a stop ends is not healed',
      ['conflicted', 'stopped'],
      [{ cause: 'conflicted', healed: false, tookMs: 10_000 }],
      false,
    ],
    ['may begin with the start', ['preparing', 'connecting', ['reconnecting', 'network']], [], true],
  ]
  test.each(rows)('%s', (_, states, ended, open) => {
    const played = play(...states)
    expect(played.ended).toEqual(ended)
    expect(played.incident !== undefined).toBe(open)
  })
})
