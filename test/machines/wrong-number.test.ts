import { describe, expect, test } from 'vitest'
import { isSameNumber, numberIn } from '../../machines/index.ts'
import { Rig } from './rig.ts'
import { cause, expectedNumber, stranger } from './world.ts'

const minute = 60_000

const unlinked = (): Rig => {
  const rig = new Rig()
  rig.world.creds = 'absent'
  rig.world.scansAfterMs = 1_000
  rig.world.scannedBy = stranger
  return rig
}

test('a scan by another number is logged out again and set aside, told with three digits, and a fresh code is shown', async () => {
  const rig = unlinked()
  await rig.start()
  await rig.until(() => rig.world.discarded === 1, minute)
  rig.world.scansAfterMs = undefined
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.world.unlinked).toEqual([stranger])
  expect(rig.status).toMatchObject({ state: 'awaitingQr', userAction: 'scan-code' })
  expect(rig.status.message).toMatch(/Another number \(ending in 002\) scanned the code.*That link was undone/)
  expect(JSON.stringify(rig.status)).not.toContain('491700000002')
  expect(rig.notices.map(({ kind }) => kind)).toEqual(['relink-needed', 'relink-needed'])
  expect(rig.world.credsChanges).toEqual([])
  expect(rig.context.self).toBeUndefined()

  rig.world.scannedBy = `${expectedNumber}:4@s.whatsapp.net`
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until('healthy', 5 * minute)
  expect(rig.world.credsChanges).toEqual(['promote'])
  expect(rig.world.violations).toEqual([])
})

test('a relink that another number scanned leaves the old credentials as they were', async () => {
  const rig = await new Rig().healthy()
  rig.world.scannedBy = stranger
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until(() => rig.world.discarded === 1, minute)
  expect(rig.world).toMatchObject({ creds: 'good', credsChanges: [] })
  rig.world.scansAfterMs = undefined
  await rig.until(() => rig.status.qr !== undefined, minute)
  rig.send({ type: 'reconnect' })
  await rig.until('healthy', minute)
})

test.for([
  ['restart-required', 'pruningSessions', 3],
  ['refused', 'awaitingQr', 2],
] as const)(
  'a close as %s before another number opened is not held against the old credentials',
  async ([kind, next, logins]) => {
    const rig = await new Rig().healthy()
    rig.world.scannedBy = stranger
    rig.world.scansAfterMs = 1_000
    rig.world.scannedLogin = cause(kind)
    rig.send({ type: 'relink' })
    await rig.until(() => rig.context.closes.some((close) => close.cause.kind === kind), minute)
    rig.world.scannedLogin = undefined
    await rig.until(() => rig.world.discarded === 1, minute)
    rig.world.login = cause(kind)
    const before = rig.world.opened.length
    rig.send({ type: 'reconnect' })
    await rig.until(next, minute)
    expect(rig.world.opened.length - before).toBe(logins)
  },
)

test('a pairing code that another number came before is not asked for again', async () => {
  const rig = unlinked()
  void rig.start()
  rig.send({ type: 'pairing.request', phone: expectedNumber })
  await rig.until(() => rig.world.discarded === 1, minute)
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.world.opened.map(({ phone }) => phone)).toEqual([expectedNumber, undefined, undefined])
})

test('another number is spoken of until somebody scans again, though that pairing fails', async () => {
  const rig = unlinked()
  await rig.start()
  await rig.until(() => rig.world.discarded === 1, minute)
  rig.world.scannedBy = `${expectedNumber}:4@s.whatsapp.net`
  rig.world.scannedLogin = cause('pairing-failed')
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.status.message).toContain('Another number')
  await rig.until(() => rig.context.pair.windows === 2, minute)
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.status.message).toBe('This account is not linked yet.')
})

test('a logout that fails is told as such, and the pairing is set aside all the same', async () => {
  const rig = unlinked()
  rig.world.failing.unlinkDevice = 1
  await rig.start()
  await rig.until(() => rig.world.discarded === 1, minute)
  expect(rig.status.message).toContain('Remove it on that phone, under Linked devices')
  expect(rig.notices.map(({ kind }) => kind)).toEqual(['relink-needed', 'relink-needed'])
})

test('a crash while a pairing is being undone undoes it after the restart', async () => {
  const rig = unlinked()
  rig.world.hangs.unlinkDevice = true
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.undoing.unlinking', minute)
  rig.world.hangs.unlinkDevice = false
  await rig.crash()
  await rig.until(() => rig.world.discarded === 1, minute)
  expect(rig.world.credsChanges).toEqual([])
})

test('a disk that fails while a pairing is being undone never lets it in', async () => {
  const rig = unlinked()
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.undoing.closing', minute)
  rig.world.disk = 'full'
  await rig.until('blocked', minute)
  rig.world.disk = 'well'
  await rig.until(() => rig.world.discarded === 1, 5 * minute)
  expect(rig.world.violations).toEqual([])
})

describe('numbers', () => {
  test.for([
    ['491700000001', '491700000001', true],
    ['491700000001', '491700000002', false],
    ['5511912345678', '551112345678', true],
    ['5511912345678', '551192345678', false],
    ['5215512345678', '525512345678', true],
    ['5491123456789', '541123456789', true],
  ] as const)('%s and %s reach the same account: %s', ([one, other, same]) => {
    expect(isSameNumber(one, other)).toBe(same)
    expect(isSameNumber(other, one)).toBe(same)
  })

  test.for([
    ['491700000001:3@s.whatsapp.net', '491700000001'],
    ['491700000001@s.whatsapp.net', '491700000001'],
    ['491700000001_1:3@s.whatsapp.net', '491700000001'],
    ['12345:3@lid', undefined],
    ['', undefined],
  ] as const)('the number in %s is %s', ([id, number]) => {
    expect(numberIn(id)).toBe(number)
  })
})
