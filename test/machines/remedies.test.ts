import { describe, expect, test } from 'vitest'
import {
  type BlockReason,
  byMethod,
  type Context,
  type Remedy,
  remedies,
  type StateName,
  saidBy,
  stateNames,
  statusOf,
} from '../../machines/index.ts'
import { Rig } from './rig.ts'

const base = new Rig().context
const said = (state: StateName, part: Partial<Context> = {}) => statusOf(state, { ...base, ...part })
const evidence = { level: 'failing', suspected: true, curable: [], messages: 1, addresses: ['a.0'] } as const
const withheld = { scope: 'all', addresses: [], why: 'x' } as const
const used = { ...base.pair, windows: base.policy.pairing.windows }
const blocked = (reason: BlockReason) => said('blocked', { block: { reason } })

describe('a remedy', () => {
  test.for<[string, ReturnType<typeof said>, readonly Remedy[] | undefined]>([
    ['stopped', said('stopped'), ['start']],
    ['locked', blocked('locked'), ['reconnect']],
    ['banned', blocked('banned'), ['reconnect']],
    ['banned for a time', blocked('temporary-ban'), undefined],
    ['a full disk', blocked('disk'), undefined],
    ['conflicted', said('conflicted'), ['reconnect']],
    ['a code that comes by itself', said('awaitingQr'), undefined],
    ['codes that are used up', said('awaitingQr', { pair: used }), ['show-code', 'pairing-code']],
    ['unreadable, all tried', said('degraded', { evidence, exhausted: 'x' }), ['show-code']],
    ['unreadable, being healed', said('degraded', { evidence }), undefined],
    ['unreadable, observing', said('degraded', { evidence, exhausted: 'x', withheld, mode: 'observe' }), ['heal']],
    ['used up codes on a full disk', said('awaitingQr', { pair: used, disk: 'x' }), ['show-code', 'pairing-code']],
  ])('of %s is an action by name, beside the words that say it', ([, status, names]) => {
    expect(status.remedies).toEqual(names)
    for (const name of names ?? []) expect(status.remediation).toContain(byMethod[name])
  })

  test('is said by each surface in its own words, and none of the library is left', () => {
    const here = Object.fromEntries(remedies.map((name) => [name, `<${name}>`])) as typeof byMethod
    const shown = [...stateNames.map((state) => said(state)), blocked('locked'), said('awaitingQr', { pair: used })]
    for (const { remediation = '' } of shown) expect(saidBy(remediation, here)).not.toMatch(/\w\(\)|mode '/)
    expect(saidBy(blocked('locked').remediation ?? '', here)).toMatch(/follow what it says, then <reconnect>\.$/)
  })
})
