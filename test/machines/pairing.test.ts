import { expect, test } from 'vitest'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000
const hour = 60 * minute

const unlinked = (scansAfterMs?: number): Rig => {
  const rig = new Rig()
  rig.world.creds = 'absent'
  rig.world.scansAfterMs = scansAfterMs
  return rig
}

test('a code that is scanned, its 515 and the first open lead to healthy, and no attempt is charged', async () => {
  const rig = unlinked(5_000)
  await rig.start()
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.status).toMatchObject({ state: 'awaitingQr', userAction: 'scan-code', qr: { number: 1 } })
  await rig.until(() => rig.context.pair.resume, minute)
  expect(rig.status).toMatchObject({ userAction: 'none', message: expect.stringContaining('scanned') })
  await rig.until('healthy', minute)
  expect(rig.status.attempt).toBe(0)
  expect(rig.world.credsChanges).toEqual(['promote'])
  expect(rig.world.opened.map(({ auth }) => auth)).toEqual(['staging', 'staging', 'account'])
  expect(rig.notices.map(({ kind }) => kind)).toEqual(['relink-needed', 'relinked'])
  expect(rig.world.violations).toEqual([])
})

test('each code that rotates has its own number and its own expiry', async () => {
  const rig = unlinked()
  await rig.start()
  const seen = new Map<number, string>()
  for (let step = 0; step < 34; step += 1) {
    await rig.advance(5_000)
    const { qr } = rig.status
    if (!qr) continue
    expect(qr.expiresAt).toBeGreaterThan(rig.clock.wall())
    seen.set(qr.number, qr.code)
  }
  expect([...seen.keys()]).toEqual([1, 2, 3, 4, 5, 6])
  expect(new Set(seen.values()).size).toBe(6)
})

test('a window that runs out opens the next one, five in all, and then the account rests until it is asked', async () => {
  const rig = unlinked()
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.resting', hour)
  expect(rig.world.opened).toHaveLength(5)
  expect(rig.context.attempt).toBe(0)
  expect(rig.status).toMatchObject({ userAction: 'scan-code' })
  expect(rig.status.qr).toBeUndefined()
  await rig.advance(24 * hour)
  expect(rig.world.opened).toHaveLength(5)
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until('healthy', minute)
})

test('network trouble while a code is on show takes no window and shows no dead code', async () => {
  const rig = unlinked()
  await rig.start()
  await rig.until(() => rig.status.qr !== undefined, minute)
  rig.world.net = false
  rig.world.close(cause('link-lost'))
  expect(rig.status.qr).toBeUndefined()
  await rig.advance(2 * hour)
  expect(rig.context.pair.windows).toBe(0)
  rig.world.net = true
  rig.world.scansAfterMs = 1_000
  await rig.until('healthy', hour)
})

test('a pairing code asked for right after start is shown, whichever of the two codes comes first', async () => {
  const rig = unlinked()
  void rig.start()
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  await rig.until(() => rig.status.qr?.pairingCode === 'ABCD1234', minute)
  expect(rig.world.opened[0]?.phone).toBe('4915100000000')
})

test('a pairing code asked for while a QR code is on show replaces its window', async () => {
  const rig = unlinked(30_000)
  await rig.start()
  await rig.until(() => rig.status.qr !== undefined, minute)
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  await rig.until(() => rig.status.qr?.pairingCode === 'ABCD1234', minute)
  rig.world.scansAfterMs = undefined
  await rig.until('healthy', 2 * minute)
  expect(rig.world.violations).toEqual([])
})

test('a pairing code is of one window: the next shows a QR code alone, and no phone is asked again', async () => {
  const rig = unlinked()
  void rig.start()
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  await rig.until(() => rig.context.pair.windows === 1, 5 * minute)
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.world.opened.map(({ phone }) => phone)).toEqual(['4915100000000', undefined])
  expect(rig.status.qr).not.toHaveProperty('pairingCode')
})

test('a phone that was to enter a pairing code is not asked again once a person went back to the old credentials', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'relink' })
  await rig.until(() => rig.status.qr !== undefined, minute)
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  await rig.until(() => rig.status.qr?.pairingCode !== undefined, minute)
  rig.send({ type: 'reconnect' })
  await rig.until('healthy', minute)
  rig.unlink()
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.world.opened.at(-1)).toMatchObject({ auth: 'staging', phone: undefined })
})

test('a phone named while good credentials were being prepared is not asked when they die, weeks later', async () => {
  const rig = new Rig()
  void rig.start()
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  await rig.until('healthy', minute)
  expect(rig.context.pair.phone).toBeUndefined()
  rig.unlink()
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.world.opened.at(-1)).toMatchObject({ auth: 'staging', phone: undefined })
})

test('after a scan neither a pairing code nor a second relink throws the scanned identity away', async () => {
  const rig = unlinked(1_000)
  await rig.start()
  await rig.until(() => rig.context.pair.resume, minute)
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  rig.send({ type: 'relink' })
  await rig.until(() => rig.state === 'awaitingQr.closing', minute)
  rig.send({ type: 'relink' })
  await rig.until('healthy', minute)
  expect(rig.world.opened.map(({ phone }) => phone)).toEqual([undefined, undefined, undefined])
})

test.for(['pairing-failed', 'refused', 'logged-out', 'replaced'] as const)(
  'a pairing that ends as %s is followed by a fresh code after a pause, and by rest after five',
  async (kind) => {
    const rig = unlinked(1_000)
    rig.world.scannedLogin = cause(kind)
    await rig.start()
    await rig.until(() => rig.context.pair.windows === 1, minute)
    const at = rig.clock.now()
    await rig.until(() => rig.context.generation === 3, minute)
    expect(rig.clock.now() - at).toBeGreaterThan(500)
    rig.world.scannedLogin = undefined
    await rig.until('healthy', 5 * minute)
  },
)

test('a scanned identity that is met with 515 for ever is given up, and a fresh code is shown', async () => {
  const rig = unlinked(1_000)
  rig.world.scannedLogin = cause('restart-required', { code: 515 })
  await rig.start()
  await rig.until(() => rig.context.pair.windows === 1, 10 * minute)
  expect(rig.context.pair.resume).toBe(false)
  rig.world.scannedLogin = undefined
  await rig.until('healthy', 5 * minute)
})

test('a crash between the scan and the first open goes on with the scanned identity', async () => {
  const rig = unlinked(1_000)
  await rig.start()
  await rig.until(() => rig.world.staging === 'scanned', minute)
  await rig.crash()
  await rig.until('healthy', minute)
  expect(rig.world.codes).toHaveLength(1)
  expect(rig.world.credsChanges).toEqual(['promote'])
})

test('a staged identity that cannot be read is replaced by a fresh code instead of being tried for ever', async () => {
  const rig = unlinked()
  await rig.start()
  await rig.until(() => rig.status.qr !== undefined, minute)
  rig.send({ type: 'auth.failed', generation: 1, problem: { kind: 'creds', message: 'torn' } })
  expect(rig.state).toBe('awaitingQr.waiting.closing')
  await rig.until(() => rig.status.qr !== undefined, minute)
})

test.for([
  ['staging', (rig: Rig) => rig.state === 'awaitingQr.pairing.dialling' && !rig.context.pair.resume],
  ['promoting', (rig: Rig) => rig.state === 'awaitingQr.promoting.closing'],
] as const)('a disk that fails while %s delays the pairing and loses nothing', async ([name, at]) => {
  const rig = unlinked(1_000)
  if (name === 'staging') rig.world.disk = 'full'
  await rig.start()
  if (name === 'promoting') {
    await rig.until(() => at(rig), minute)
    rig.world.disk = 'full'
  }
  await rig.until('blocked', minute)
  expect(rig.status.userAction).toBe('check-disk')
  rig.world.disk = 'well'
  await rig.until('healthy', 5 * minute)
})

test('new credentials that are being put in place are not interrupted by a reconnect', async () => {
  const rig = unlinked(1_000)
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.promoting.closing', minute)
  rig.send({ type: 'reconnect' })
  expect(rig.state).toBe('awaitingQr.promoting.closing')
  await rig.until('healthy', minute)
})

test('a ban during pairing is held, and then the code is shown again', async () => {
  const rig = unlinked()
  rig.world.pairLogin = cause('temporary-ban', { expiresInMs: hour })
  await rig.start()
  await rig.until('blocked', minute)
  rig.world.pairLogin = undefined
  const held = await rig.until('awaitingQr', 2 * hour)
  expect(held).toBeGreaterThan(hour - 1_000)
})

test('the old credentials stay in use until the new pairing has opened once', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'relink' })
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.world).toMatchObject({ creds: 'good', credsChanges: [] })
  rig.send({ type: 'reconnect' })
  await rig.until('healthy', minute)
  expect(rig.world.credsChanges).toEqual([])
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until('healthy', minute)
  expect(rig.world.credsChanges).toEqual(['promote'])
})

test('a 440 that the old credentials met is not held against the new ones', async () => {
  const rig = await new Rig().healthy()
  rig.world.close(cause('replaced', { code: 440 }))
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until('healthy', minute)
  expect(rig.world.credsChanges).toEqual(['promote'])
  rig.world.close(cause('replaced', { code: 440 }))
  expect(rig.status.state).toBe('reconnecting')
})

test('a relink that nobody follows up goes back to the old credentials after an hour', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'relink' })
  await rig.until(() => rig.state === 'awaitingQr.resting', hour)
  await rig.until('healthy', hour)
  expect(rig.world.credsChanges).toEqual([])
})

test('while observing, credentials that died lead to rest; a code is shown only when a person asks for one', async () => {
  const rig = new Rig({ mode: 'observe' })
  rig.world.login = cause('logged-out')
  await rig.start()
  await rig.advance(10 * hour)
  expect(rig.state).toBe('awaitingQr.resting')
  expect(rig.world.codes).toEqual([])
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  await rig.until(() => rig.status.qr?.pairingCode !== undefined, minute)
})

test('a phone that was to enter a pairing code is not asked again once a rare look has found the old credentials alive', async () => {
  const rig = new Rig({ mode: 'observe' })
  rig.world.login = cause('restart-required', { code: 515 })
  void rig.start()
  rig.send({ type: 'pairing.request', phone: '4915100000000' })
  await rig.until(() => rig.state === 'awaitingQr.resting', hour)
  rig.world.login = undefined
  await rig.until('healthy', 2 * hour)
  rig.unlink()
  rig.send({ type: 'relink' })
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.world.opened.at(-1)).toMatchObject({ auth: 'staging', phone: undefined })
})

test('while observing, too, a scanned identity is gone on with after a crash, although nobody asks anew', async () => {
  const rig = new Rig({ mode: 'observe' })
  rig.world.login = cause('logged-out')
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.resting', hour)
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until(() => rig.world.staging === 'scanned', minute)
  rig.world.login = undefined
  await rig.crash()
  await rig.until('healthy', minute)
  expect(rig.world.credsChanges).toEqual(['promote'])
})

test('credentials that no generation can restore lead to a code that says so', async () => {
  const rig = new Rig()
  rig.world.creds = 'lost'
  await rig.start()
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.status.message).toContain('no good earlier copy')
})

test('a code that nobody scanned is no reason to show none later, when the old credentials have opened in between', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'relink' })
  await rig.until(() => rig.state === 'awaitingQr.resting', hour)
  await rig.until('healthy', hour)
  rig.unlink()
  await rig.until(() => rig.status.qr !== undefined, minute)
})

test('a reconnect after the scan goes on with what was scanned, and a fresh code is shown when that dies', async () => {
  const rig = await new Rig().healthy()
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until(() => rig.context.pair.resume, minute)
  rig.send({ type: 'reconnect' })
  await rig.until('healthy', minute)
  expect(rig.world.credsChanges).toEqual(['promote'])
  rig.world.scansAfterMs = undefined
  rig.unlink()
  await rig.until(() => rig.status.qr !== undefined, minute)
})
