import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConnectGate } from '../../../src/fleet/connect-gate.ts'
import { systemProcesses } from '../../../src/stores/process-identity.ts'
import { Rig } from '../../machines/rig.ts'
import { cause } from '../../machines/world.ts'
import { slow } from '../../share.ts'
import { linkedAccount, ownedStore, session, storeOf } from '../../stores/account.ts'

const minute = 60_000

test('6: creds.json is whole whenever it is read while it is saved, and no stale backup is put over it', async () => {
  const { folder, store } = await linkedAccount()
  const opening = await store.open()
  const path = join(folder, 'creds.json')
  let saving = true
  let reads = 0
  const reader = (async () => {
    while (saving) {
      const { nextPreKeyId } = JSON.parse(await readFile(path, 'utf8')) as { nextPreKeyId: number }
      expect(nextPreKeyId).toBeGreaterThan(0)
      // Somebody looks at the folder while it is written to, as a status page does; looking repairs nothing.
      if (reads++ % 10 === 0) await store.inspect()
    }
  })()
  for (let id = 1; id <= 200; id += 1) {
    opening.state.creds.nextPreKeyId = id
    await opening.saveCreds()
  }
  saving = false
  await reader
  expect(reads).toBeGreaterThan(20)
  await opening.fence()
  const again = await store.open()
  expect(again.state.creds.nextPreKeyId).toBe(200)
  expect(await store.quarantined()).toEqual([])
})

test('10: every code has a number and an end, the status shows the newest and none that has rotated', async () => {
  const rig = new Rig()
  rig.world.creds = 'absent'
  await rig.start()
  const shown = new Map<number, string>()
  for (let step = 0; step < 160; step += 1) {
    const { qr } = rig.status
    if (qr) {
      expect(qr.code).toBe(rig.world.codes.at(-1)?.code)
      expect(qr.expiresAt).toBeGreaterThan(rig.clock.wall())
      expect(shown.get(qr.number) ?? qr.code).toBe(qr.code)
      shown.set(qr.number, qr.code)
    }
    await rig.advance(3_100)
  }
  expect([...shown.keys()]).toEqual(rig.world.codes.slice(0, shown.size).map((_, at) => at + 1))
  expect(new Set(shown.values()).size).toBe(shown.size)
})

/** Chance that is the same in every run, and its own for each account. */
const chanceOf = (account: number) => {
  let state = account + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

test('16: twenty accounts that lost the network together come back out of step, and few connect at once', {
  tags: [slow],
}, async () => {
  const dialled: number[] = []
  for (let account = 0; account < 20; account += 1) {
    const rig = await new Rig({ random: chanceOf(account * 7_919) }).healthy()
    const lostAt = rig.clock.now()
    rig.world.net = false
    rig.world.close(cause('network'))
    await rig.advance(3 * minute)
    dialled.push(...rig.world.opened.slice(1).map(({ at }) => at - lostAt))
  }
  const later = dialled.filter((at) => at > 30_000)
  expect(later.length).toBeGreaterThan(100)
  const together = later.map((at) => later.filter((other) => other >= at && other - at < 500).length)
  expect(Math.max(...together)).toBeLessThanOrEqual(6)

  const gate = new ConnectGate({ connecting: 3, spacingMs: 1 }, () => 0.5)
  await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      await gate.enter(`account ${at}`)
      expect(gate.load.inside).toBeLessThanOrEqual(3)
      await new Promise((resolve) => setImmediate(resolve))
      gate.leave(`account ${at}`)
    }),
  )
  expect(gate.load).toEqual({ inside: 0, waiting: 0, most: expect.any(Number) })
  expect(gate.load.most).toBeLessThanOrEqual(3)
})

test('20: two who want one account: the second is told who has it, and once it was taken over the first can write no more', async () => {
  const { folder, store } = await linkedAccount()
  await store.release()
  let beat: () => void = () => undefined
  const timers = {
    setInterval: (step: () => void) => {
      beat = step
      return {}
    },
    clearInterval: () => undefined,
  }
  const first = await ownedStore(folder, { timers })
  const opening = await first.open()
  await expect(storeOf(folder).acquire()).rejects.toMatchObject({
    code: 'AUTH_STORE_LOCKED',
    owner: { pid: process.pid, host: hostname() },
  })
  // Another host on the same disk takes the first for dead, as after a long pause.
  const second = storeOf(folder, { processes: { ...systemProcesses, stateOf: () => 'gone' } })
  await second.acquire()
  const lost = new Promise<void>((resolve) => first.onLost?.(resolve))
  beat()
  await lost
  const ratchets = await readFile(join(folder, 'session-491.0.json'), 'utf8')
  await expect(opening.saveCreds()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  await expect(opening.state.keys.set({ session: { '491.0': session('z') } })).rejects.toMatchObject({
    code: 'AUTH_STORE_FENCED',
  })
  await expect(first.quarantine({ kind: 'all-sessions' }, 'test')).rejects.toThrow()
  expect(await readFile(join(folder, 'session-491.0.json'), 'utf8')).toBe(ratchets)
  expect(await second.owned()).toBe(true)
})

test('22: an open socket on which nothing arrives any more is replaced by a new one, again and again if need be', async () => {
  const rig = await new Rig().healthy()
  for (let round = 1; round <= 20; round += 1) {
    rig.send({ type: 'liveness.lost', generation: rig.context.generation, cause: cause('deaf') })
    expect(rig.status).toMatchObject({ state: 'reconnecting', userAction: 'none' })
    await rig.until('healthy', 16 * minute)
    expect(rig.context.generation).toBe(round + 1)
  }
  expect(rig.world.violations).toEqual([])
  expect(rig.world.codes).toEqual([])
})
