import { describe, expect, test } from 'vitest'
import type { CauseKind, StateName, Status } from '../../../machines/index.ts'
import { incidentAt, incidentStep, newClose, type OpenIncident } from '../../../src/history/incidents/fold.ts'
import { sideOf } from '../../../src/history/incidents/sides.ts'
import { sentence } from '../../../src/history/incidents/spoken.ts'

const open: OpenIncident = { beganAt: 5, state: 'reconnecting', cause: 'reconnecting' }
const known: OpenIncident = { ...open, cause: 'network' }
const began = (state: StateName, cause: OpenIncident['cause'] = state) => ({ incident: { beganAt: 9, state, cause } })
const nothing = { incident: undefined }

describe('a moment', () => {
  type Row = [string, OpenIncident | undefined, StateName, StateName | undefined, CauseKind | undefined, unknown]
  test.each<Row>([
    ['of a start is none', undefined, 'preparing', 'stopped', undefined, nothing],
    ['of a start that dials is none', undefined, 'connecting', 'preparing', 'network', nothing],
    ['of health is none', undefined, 'healthy', 'connecting', undefined, nothing],
    ['of a stop is none', undefined, 'stopped', 'healthy', undefined, nothing],
    ['of a first look is none', undefined, 'healthy', undefined, undefined, nothing],
    [
      'of a lost connection begins one',
      undefined,
      'reconnecting',
      'healthy',
      'network',
      began('reconnecting', 'network'),
    ],
    [
      'of a lost connection begins one, without a close too',
      undefined,
      'reconnecting',
      'connecting',
      undefined,
      began('reconnecting'),
    ],
    ['of messages that cannot be read begins one', undefined, 'degraded', 'healthy', undefined, began('degraded')],
    ['of a look after health begins one', undefined, 'preparing', 'healthy', 'asked', began('preparing', 'asked')],
    ['of a new dial after health begins one', undefined, 'connecting', 'healthy', undefined, began('connecting')],
    [
      'of health ends one',
      open,
      'healthy',
      'connecting',
      undefined,
      { ...nothing, ended: { incident: open, healed: true, tookMs: 4 } },
    ],
    [
      'of a stop ends one',
      open,
      'stopped',
      'connecting',
      undefined,
      { ...nothing, ended: { incident: open, healed: false, tookMs: 4 } },
    ],
    ['of another state goes on with one', open, 'connecting', 'reconnecting', undefined, { incident: open }],
    ['of the first close gives one its cause', open, 'reconnecting', 'connecting', 'network', { incident: known }],
    ['of a later close leaves its cause', known, 'reconnecting', 'connecting', 'server', { incident: known }],
  ])('%s', (_, incident, state, before, close, step) => {
    expect(incidentAt(incident, { at: 9, state, close }, before)).toEqual(step)
  })

  test('of an end on a clock that was set back took no time', () => {
    const { ended } = incidentAt({ ...open, beganAt: 50 }, { at: 9, state: 'healthy' }, 'connecting')
    expect(ended?.tookMs).toBe(0)
  })
})

describe('the close of a status', () => {
  const status = (state: StateName, at?: number, kind: CauseKind = 'network') =>
    ({ state, since: 9, ...(at === undefined ? {} : { lastClose: { at, cause: { kind, message: '' } } }) }) as Status

  test.each<[string, Status, Status | undefined, CauseKind | undefined]>([
    ['is none where there was none', status('healthy'), status('healthy', 1), undefined],
    ['is the first one', status('reconnecting', 1), undefined, 'network'],
    ['is a new one at another time', status('reconnecting', 2), status('reconnecting', 1), 'network'],
    ['is a new one of another kind', status('reconnecting', 1), status('reconnecting', 1, 'server'), 'network'],
    ['is none that was there before', status('reconnecting', 1), status('healthy', 1), undefined],
  ])('%s', (_, now, before, close) => {
    expect(newClose(now, before)).toBe(close)
  })

  test('is what an incident began with', () => {
    expect(incidentStep(undefined, status('reconnecting', 9), status('healthy'))).toEqual(
      began('reconnecting', 'network'),
    )
    expect(incidentStep(undefined, status('reconnecting', 1), status('healthy', 1))).toEqual(began('reconnecting'))
    expect(incidentStep(undefined, status('connecting', 1), undefined)).toEqual(nothing)
  })
})

test.each([
  ['network', 'network'],
  ['server', 'whatsapp'],
  ['unclean-end', 'host'],
  ['banned', 'unknown'],
] as const)('the side of %s is %s', (cause, side) => {
  expect(sideOf(cause)).toBe(side)
})

test.each([
  ['it waits', 'It waits.'],
  [' it waits! ', 'It waits!'],
  ['Is it?', 'Is it?'],
  ['', '.'],
])('%j is the sentence %j', (text, said) => {
  expect(sentence(text)).toBe(said)
})
