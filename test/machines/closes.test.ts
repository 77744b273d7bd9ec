import { expect, test } from 'vitest'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000
const hour = 60 * minute
const kinds = (rig: Rig): string[] => rig.notices.map(({ kind }) => kind)
const replaced = cause('replaced', { code: 440 })
const restart = cause('restart-required', { code: 515 })

test('a 440 alone leads to one jittered retry after 30 to 60 s, a second to conflicted, and a look after an hour', async () => {
  for (const chance of [0, 0.999]) {
    const rig = await new Rig({ random: () => chance }).healthy()
    rig.world.otherClientAfterMs = 2_000
    rig.world.close(replaced)
    const waited = await rig.until('connecting', 2 * minute)
    expect(waited).toBeGreaterThanOrEqual(30_000)
    expect(waited).toBeLessThanOrEqual(60_100)
    await rig.until('conflicted', minute)
    expect(rig.status).toMatchObject({ userAction: 'check-other-client' })
    expect(kinds(rig)).toEqual(['conflict'])
    const looked = await rig.until('connecting', 2 * hour)
    expect(Math.abs(looked - hour)).toBeLessThan(1_000)
    await rig.until('conflicted', minute)
    rig.world.otherClientAfterMs = undefined
    await rig.until('healthy', 2 * hour)
    expect(rig.world.prunes).toEqual([])
    expect(rig.world.codes).toEqual([])
  }
})

test('a 440 long after a look that went well is a first one again', async () => {
  const rig = await new Rig().healthy()
  rig.world.otherClientAfterMs = 2_000
  rig.world.close(replaced)
  await rig.until('conflicted', 5 * minute)
  rig.world.otherClientAfterMs = undefined
  await rig.until('healthy', 2 * hour)
  await rig.advance(hour)
  rig.world.close(replaced)
  expect(rig.status.state).toBe('reconnecting')
})

test('a person who says that the other client is gone is believed at once, even while the socket is being shut', async () => {
  for (const closeMs of [5, 4_000]) {
    const rig = await new Rig().healthy()
    rig.world.otherClientAfterMs = 1_000
    rig.world.close(replaced)
    await rig.until('connecting', 2 * minute)
    rig.world.closeMs = closeMs
    await rig.until('conflicted', minute)
    rig.world.otherClientAfterMs = undefined
    rig.send({ type: 'reconnect' })
    await rig.until('healthy', 6_000)
    rig.world.close(replaced)
    expect(rig.status.state).toBe('reconnecting')
  }
})

test.for([
  ['with-evidence', true, ['failing']],
  ['with-evidence', false, []],
  ['always', true, ['failing']],
  ['always', false, ['all']],
  ['never', true, []],
  ['never', false, []],
] as const)('on a 440 the policy "%s", with evidence: %s, sets aside: %s', async ([onConflict, evidence, scopes]) => {
  const rig = await new Rig({ policy: { prune: { onConflict } } }).healthy()
  if (evidence) rig.unreadable(['a.0'], ['1', '2', '3'])
  rig.world.close(replaced)
  await rig.until('healthy', 2 * minute)
  expect(rig.world.prunes.map(({ scope }) => scope)).toEqual(scopes)
})

test('a run of 515 sets all sessions aside once, then slows down, then offers a code; creds.json stays', async () => {
  const rig = new Rig()
  rig.world.login = restart
  await rig.start()
  await rig.until(() => rig.world.prunes.length > 0, minute)
  expect(rig.world.opened).toHaveLength(3)
  expect(rig.context.attempt).toBe(0)
  expect(rig.world.prunes[0]?.scope).toBe('all')
  await rig.until('awaitingQr', 5 * minute)
  expect(rig.world.opened).toHaveLength(6)
  await rig.until(() => rig.status.qr !== undefined, minute)
  expect(rig.status).toMatchObject({ userAction: 'scan-code', message: expect.stringContaining('restart') })
  expect(rig.world.creds).toBe('good')
  expect(rig.world.credsChanges).toEqual([])
  expect(rig.world.prunes).toHaveLength(1)
  rig.world.login = undefined
  await rig.until('healthy', 3 * hour)
  expect(rig.world.credsChanges).toEqual([])
})

test('when nobody scans after a run of 515, the old credentials get a rare look, but no further windows open by themselves', async () => {
  const rig = new Rig()
  rig.world.login = restart
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.resting', hour)
  const codes = rig.world.codes.length
  expect(codes).toBe(25)
  await rig.advance(10 * hour)
  expect(rig.world.codes).toHaveLength(codes)
  expect(rig.world.opened.filter(({ auth }) => auth === 'account').length).toBeGreaterThan(10)
})

test('a single 515 costs no attempt and no wait', async () => {
  const rig = await new Rig().healthy()
  rig.world.close(restart)
  await rig.until('healthy', 500)
  expect(rig.status.attempt).toBe(0)
})

test('515 again and again with an open in between slows down instead of dialling in a loop', async () => {
  const rig = await new Rig().healthy()
  for (let round = 0; round < 6; round += 1) {
    rig.world.close(restart)
    await rig.until('healthy', minute)
  }
  expect(rig.status.attempt).toBeGreaterThan(2)
})

test.for(['logged-out', 'refused'] as const)(
  '%s is confirmed by one more login, then a code is asked for, and nothing is dialled with the old credentials',
  async (kind) => {
    const rig = new Rig()
    rig.world.login = cause(kind)
    await rig.start()
    await rig.until('awaitingQr', minute)
    expect(rig.world.opened).toHaveLength(2)
    await rig.advance(24 * hour)
    expect(rig.world.opened.filter(({ auth }) => auth === 'account')).toHaveLength(2)
    expect(rig.state).toBe('awaitingQr.resting')
    expect(rig.world.creds).toBe('good')
  },
)

test.for(['logged-out', 'refused'] as const)(
  'one %s on an open connection, while the login goes on working, is over after seconds, and nobody hears of it',
  async (kind) => {
    for (const chance of [0, 0.999]) {
      const rig = await new Rig({ random: () => chance }).healthy()
      rig.world.close(cause(kind, { code: 401 }))
      expect(rig.status).toMatchObject({ state: 'reconnecting', userAction: 'none', attempt: 1 })
      expect(rig.status.message).toContain('One more login shows')
      const waited = await rig.until('connecting', minute)
      expect(waited).toBeGreaterThanOrEqual(2_000)
      expect(waited).toBeLessThanOrEqual(5_100)
      await rig.until('healthy', 1_000)
      expect(rig.notices).toEqual([])
      expect(rig.world.codes).toEqual([])
    }
  },
)

test('a link that is let in and refused again and again is dialled more and more slowly, and no code is shown', async () => {
  const rig = await new Rig().healthy()
  for (let round = 0; round < 40; round += 1) {
    rig.world.close(cause('logged-out', { code: 401 }))
    await rig.until('healthy', minute)
  }
  expect(rig.clock.now()).toBeGreaterThan(8 * minute)
  expect(rig.world.codes).toEqual([])
})

test('a login that fails for the network alone does not confirm a 401', async () => {
  const rig = await new Rig().healthy()
  rig.world.net = false
  rig.world.close(cause('logged-out', { code: 401 }))
  await rig.advance(10 * minute)
  rig.world.net = true
  await rig.until('healthy', 20 * minute)
  expect(rig.world.codes).toEqual([])
})

test('a 401 and then a 516 are two refusals', async () => {
  const rig = await new Rig().healthy()
  rig.world.login = cause('refused')
  rig.world.close(cause('logged-out', { code: 401 }))
  await rig.until('awaitingQr', minute)
  expect(rig.context.pair.reason).toBe('refused')
})

test('what is said of an identity that is being paired says nothing of the old credentials', async () => {
  const rig = await new Rig().healthy()
  rig.world.scannedLogin = cause('logged-out')
  rig.world.scansAfterMs = 1_000
  rig.send({ type: 'relink' })
  await rig.until(() => rig.context.pair.windows === 1, minute)
  rig.world.scansAfterMs = undefined
  rig.world.staging = 'none'
  rig.world.login = cause('logged-out')
  rig.send({ type: 'reconnect' })
  await rig.until('reconnecting', minute)
  await rig.until(() => rig.world.opened.at(-1)?.auth === 'account', minute)
  rig.world.login = undefined
  await rig.until('healthy', minute)
})

test('a close while a socket is being shut, a second close and events of an old socket change nothing', async () => {
  const rig = await new Rig().healthy()
  const [old] = rig.world.sockets
  rig.world.close(cause('closed'))
  const { closes } = rig.context
  rig.send({ type: 'socket.close', generation: 1, cause: cause('logged-out') })
  await rig.until('healthy', minute)
  for (const type of ['socket.open', 'socket.paired'] as const) rig.send({ type, generation: 1 })
  rig.send({ type: 'socket.close', generation: 1, cause: cause('logged-out') })
  rig.send({ type: 'liveness.lost', generation: 1, cause: cause('deaf') })
  rig.send({ type: 'auth.failed', generation: 1, problem: { kind: 'disk', message: 'late' } })
  expect(old?.generation).toBe(1)
  expect(rig.status).toMatchObject({ state: 'healthy', generation: 2 })
  expect(rig.context.closes).toEqual(closes)
})

test('while an old socket cannot be shut off, nothing is dialled and no file is touched', async () => {
  const rig = await new Rig().healthy()
  rig.world.failing.closeSocket = 4
  rig.world.close(cause('closed'))
  await rig.advance(19_000)
  expect(rig.world.opened).toHaveLength(1)
  expect(rig.state).toContain('unshut')
  await rig.until('healthy', minute)
  rig.world.failing.closeSocket = 4
  rig.send({ type: 'prune', scope: 'all' })
  await rig.advance(19_000)
  expect(rig.world.pruneCalls).toEqual([])
  await rig.until('healthy', minute)
  expect(rig.world.violations).toEqual([])
})

test('a connect function that throws is tried again on the ladder', async () => {
  const rig = new Rig()
  rig.world.failing.openSocket = 3
  await rig.start()
  await rig.until('healthy', minute)
  expect(rig.status.attempt).toBe(3)
  await rig.advance(minute)
  expect(rig.status.attempt).toBe(0)
})

test('a socket that never opens is given up after a minute', async () => {
  const rig = new Rig()
  rig.world.login = 'silent'
  await rig.start()
  await rig.until('reconnecting', minute)
  expect(rig.status.message).toBe('The connection did not open in time.')
})

test('a probe that throws does not end the connection', async () => {
  const rig = new Rig()
  rig.world.failing.probe = 1
  await rig.healthy()
  await rig.advance(hour)
  expect(rig.status.state).toBe('healthy')
  expect(rig.error).toBeUndefined()
})

test('a clock that is set back makes no wait longer than it was', async () => {
  // More would overflow a timer, which then fires at once.
  const days = 10 * 24 * hour
  const rig = new Rig()
  rig.world.net = false
  rig.world.closeMs = 1_000
  await rig.start()
  await rig.until('reconnecting', minute)
  rig.clock.wallOffset -= days
  await rig.advance(minute)
  rig.world.net = true
  await rig.until('healthy', 2 * minute)
  rig.clock.wallOffset += days
  rig.world.disk = 'full'
  rig.world.close(cause('closed'))
  await rig.until('blocked', minute)
  rig.clock.wallOffset -= days
  rig.world.disk = 'well'
  await rig.until('healthy', 2 * minute)
})

test('a 516 counts from the last open: one at a later time is met with one more try again', async () => {
  const rig = await new Rig().healthy()
  for (let time = 1; time <= 3; time += 1) {
    rig.world.close(cause('refused'))
    expect(rig.status.state).toBe('reconnecting')
    await rig.until('healthy', 60_000)
  }
})

test('restarts that WhatsApp asks for are counted together only until the connection has been stable', async () => {
  const rig = await new Rig().healthy()
  for (let day = 0; day < 5; day += 1) {
    rig.world.close(cause('restart-required'))
    await rig.until('healthy', minute)
    expect(rig.context.restarts).toBe(1)
    await rig.advance(rig.policy.reconnect.resetAfterMs)
    expect(rig.context.restarts).toBe(0)
  }
})
