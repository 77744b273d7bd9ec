import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LifelineError } from '../../../src/index.ts'
import { systemProcesses } from '../../../src/stores/process-identity.ts'
import { World } from '../../line/world.ts'

let world: World
beforeAll(async () => {
  world = await World.open()
  await world.linkedFolder()
})
afterEach(() => world.calm())
afterAll(() => world.close())

const container = { pid: 1, host: 'a-container-of-before' }
/** Of the same image: host name and machine are the same, only the boot is another. */
const clone = { ...systemProcesses.self(), boot: 'another' }

/** The lock of an owner on a host that nobody here can see, as it lies there so long after its last heartbeat. */
async function heldElsewhere(agoMs: number, owner: object = container): Promise<string> {
  const folder = await world.linkedFolder()
  const lock = join(folder, '.lifeline/lock')
  await mkdir(lock, { recursive: true })
  const token = '00000000000000aa'
  await writeFile(join(lock, `claim-${token}.json`), JSON.stringify({ ...owner, token }))
  await writeFile(join(lock, `owner-${token}`), '')
  const at = new Date(Date.now() - agoMs)
  await utimes(join(lock, `claim-${token}.json`), at, at)
  return folder
}

// The project's own trials in November 2026: a container that was killed and made anew under another host name was
// refused for 61 s, five times in 4 s, and of two clones each took the account from the other once a minute.
test('a lock whose owner cannot be seen is waited for, with the moment when it is free, and then taken over', async () => {
  const gateway = await world.newcomer({}, await heldElsewhere(18_500)).start()
  const { message, userAction, nextAttemptAt } = await gateway.until('blocked')
  expect(message).toMatch(/Whether it still runs cannot be seen from here/)
  expect(userAction).toBe('wait')
  const waitMs = (nextAttemptAt ?? 0) - Date.now()
  expect(waitMs).toBeGreaterThan(0)
  expect(waitMs).toBeLessThan(20_000)
  await gateway.until(() => gateway.state === 'healthy' && gateway.drained)
  expect(gateway.path.slice(0, 3)).toEqual(['preparing', 'blocked', 'preparing'])
  expect(gateway.codes).toEqual([])
  expect(gateway.line.history().filter(({ type }) => type === 'trouble')).toEqual([])
  await gateway.line.stop()
  expect(await readdir(join(gateway.folder, '.lifeline/lock'))).toEqual([])
})

test.each([
  ['another container', container],
  ['a clone of this machine', clone],
])('who does not want to wait is refused as long as %s may live, with nothing changed', async (_, owner) => {
  const gateway = world.newcomer({ waitForLock: false }, await heldElsewhere(1_000, owner))
  const refused = await gateway.line.start().catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(LifelineError)
  expect(refused).toMatchObject({ code: 'AUTH_STORE_LOCKED', freeAt: expect.any(Number) })
  expect(gateway.state).toBe('stopped')
})

test('stop() while it waits leaves the lock of the other where it is', async () => {
  const gateway = await world.newcomer({}, await heldElsewhere(1_000)).start()
  await gateway.until('blocked')
  await gateway.line.stop()
  expect((await readdir(join(gateway.folder, '.lifeline/lock'))).sort()).toEqual([
    'claim-00000000000000aa.json',
    'owner-00000000000000aa',
  ])
})
