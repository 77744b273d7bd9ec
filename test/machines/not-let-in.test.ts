import { expect, test } from 'vitest'
import { type Context, statusOf } from '../../machines/index.ts'
import { noticeDetails } from '../../src/notices/details.ts'
import { noticeWords } from '../../src/notices/words.ts'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000

/** All that a person reads of it: status and notice. */
function read(context: Context): string {
  const status = statusOf('degraded', context)
  const { message, remediation } = noticeWords('pruning-exhausted', noticeDetails('pruning-exhausted', context), status)
  return [status.message, status.remediation, message, remediation, ...(status.remedies ?? [])].join(' ')
}

async function exhausted(reason: 'bad-session' | 'sender-key'): Promise<Rig> {
  const rig = await new Rig({
    policy: { prune: { allPerDay: 0, addressPerDay: 0 }, decrypt: { escalateAfterMs: 5 * minute } },
  }).healthy()
  await rig.advance(3 * minute)
  rig.unreadable(['a.0'], ['1', '2', '3'], reason)
  await rig.until(() => rig.notices.some(({ kind }) => kind === 'pruning-exhausted'), 30 * minute)
  return rig
}

test('where only groups cannot be read, nobody is told to link anew', async () => {
  expect(read((await exhausted('bad-session')).context)).toMatch(/link again.*link again/)
  expect(read((await exhausted('sender-key')).context)).not.toMatch(/link again|relink|show-code/)
})

test('where linking is walled, nobody is told to link anew, whatever cannot be read, here or there', async () => {
  const { context } = await exhausted('bad-session')
  const shut = { ...context, pair: { ...context.pair, shutOut: { scans: 1, how: 'unfinished' as const } } }
  expect(read(shut)).not.toMatch(/link again|relink|show-code/)
  const outbound = { ...context.outbound, level: 'failing' as const, contacts: 1, messages: 3, addresses: ['b.0'] }
  const both = { ...context, outbound, told: { 'b.0': 1 } }
  expect(read(both)).toMatch(/link again/)
  expect(read({ ...both, pair: shut.pair })).not.toMatch(/link again|relink|show-code/)
})

test('windows remember how they ended, over all of them, until the account is linked', async () => {
  const rig = new Rig()
  rig.world.creds = 'absent'
  rig.world.scansAfterMs = 5_000
  rig.world.scannedLogin = cause('logged-out', { code: 401 })
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.resting', 60 * minute)
  const times = rig.context.pair.shutOut?.scans ?? 0
  expect(times).toBeGreaterThan(1)
  expect(rig.status.message).toContain(`scanned ${times} times; WhatsApp did not let the new device in`)
  expect(rig.status.message).not.toMatch(/nobody scanned|not linked yet|network/i)
  rig.world.scannedLogin = undefined
  rig.send({ type: 'relink' })
  await rig.until('healthy', 5 * minute)
  expect(rig.context.pair.shutOut).toBeUndefined()
})

test('a code that is late and was refused before is not shown', async () => {
  const rig = new Rig()
  rig.world.creds = 'absent'
  await rig.start()
  await rig.until(() => rig.status.qr !== undefined, minute)
  rig.send({ type: 'pairing.request', phone: '491700000001' })
  await rig.until(() => rig.status.qr?.pairingCode !== undefined, minute)
  const { generation } = rig.context
  rig.send({ type: 'socket.codeRefused', generation, code: 429 })
  expect(rig.status.qr).toMatchObject({ code: expect.any(String) })
  expect(rig.status.qr?.pairingCode).toBeUndefined()
  rig.send({ type: 'socket.pairingCode', generation, code: 'ABCD1234' })
  expect(rig.status.qr?.pairingCode).toBeUndefined()
  expect(rig.context.pair.phone).toBeUndefined()
  expect(rig.status.message).toContain('refused')
})
