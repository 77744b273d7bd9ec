import { expect, test } from 'vitest'
import { shownEvent, shownSnapshot } from '../../src/inspect/shown.ts'

const context = (more: object = {}) => ({
  account: 'a',
  closes: [],
  pair: { reason: 'none', secret: 'x' },
  secret: 'x',
  ...more,
})
const bare = { account: 'a', closes: [], evidence: {}, outbound: {}, pair: { reason: 'none' } }

test.each<[string, object, object]>([
  ['nothing but what is always there', {}, bare],
  [
    'where a ban ends',
    { block: { reason: 'banned', until: 9, detail: 'x' } },
    { ...bare, block: { reason: 'banned', until: 9 } },
  ],
  [
    'that another number scanned, but not which',
    {
      pair: { reason: 'none', stranger: { link: 'unlinked', ending: 'x' }, qr: { number: 1, expiresAt: 9, code: 'x' } },
    },
    { ...bare, pair: { reason: 'none', stranger: { link: 'unlinked' }, qr: { number: 1, expiresAt: 9 } } },
  ],
  [
    'how many devices cannot be read, but not which',
    { evidence: { level: 'storm', messages: 3, addresses: ['x', 'x'] }, prune: { scope: 'all', why: 'w', x: 'x' } },
    { ...bare, evidence: { level: 'storm', messages: 3, devices: 2 }, prune: { scope: 'all', why: 'w' } },
  ],
  [
    'how many cannot read what is sent, but not who',
    { outbound: { level: 'failing', contacts: 2, ownPhone: true, companions: 0, messages: 3, addresses: ['x'] } },
    { ...bare, outbound: { level: 'failing', contacts: 2, ownPhone: true, companions: 0, messages: 3 } },
  ],
  [
    'what is waited for',
    { delay: { at: 1, delayMs: 2, x: 'x' }, verifying: { scope: 'all', addresses: ['x'] } },
    { ...bare, delay: { at: 1, delayMs: 2 }, verifying: { scope: 'all' } },
  ],
])('of the statechart is shown %s', (_, more, shown) => {
  const snapshot = shownSnapshot({
    status: 'active',
    value: 'on',
    tags: new Set(['lit']),
    context: context(more),
  } as never)
  expect(snapshot).toEqual({ status: 'active', value: 'on', tags: ['lit'], context: shown })
})

test('of what is waited for and cured all is shown that may be', () => {
  const given = {
    delay: { at: 1, delayMs: 2, cadence: 'fast' },
    verifying: { scope: 'failing', why: 'w', at: 3, since: 4, quarantine: 'q' },
    block: { reason: 'disk' },
  }
  const { context: seen } = shownSnapshot({ status: 'active', value: 'on', context: context(given) } as never)
  expect(seen).toMatchObject({ delay: given.delay, block: given.block })
  expect(seen).toMatchObject({ verifying: { scope: 'failing', why: 'w', at: 3 } })
  for (const key of ['prune', 'tags']) expect(seen).not.toHaveProperty(key)
  const none = shownSnapshot({
    status: 'active',
    value: 'on',
    context: context({ delay: null, verifying: 7 }),
  } as never)
  expect(none.context).not.toHaveProperty('delay')
})

test('of a service is shown whether it runs', () => {
  expect(shownSnapshot({ status: 'done', output: 'x', context: { x: 'x' } } as never)).toEqual({ status: 'done' })
})

test.each<[object, object]>([
  [
    { type: 'prune', scope: 'all', x: 'x' },
    { type: 'prune', scope: 'all' },
  ],
  [
    { type: 'c', cause: { kind: 'closed', code: 1, message: 'x' } },
    { type: 'c', cause: { kind: 'closed', code: 1 } },
  ],
  [
    { type: 'f', problem: { kind: 'disk', message: 'x' } },
    { type: 'f', problem: { kind: 'disk' } },
  ],
  [
    { type: 'f', problem: null },
    { type: 'f', problem: {} },
  ],
  [
    { type: 'f', problem: 'x' },
    { type: 'f', problem: {} },
  ],
  [
    { type: 'o', outbound: { contacts: 1, addresses: ['x'] } },
    { type: 'o', outbound: { contacts: 1 } },
  ],
  [
    { type: 'e', evidence: { addresses: ['x'] } },
    { type: 'e', evidence: { devices: 1 } },
  ],
])('of an event is shown its name, and why it came: %j', (event, shown) => {
  expect(shownEvent(event as never)).toEqual(shown)
})
