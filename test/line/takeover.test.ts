// @module-tag slow

import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { systemProcesses } from '../../src/stores/process-identity.ts'
import { fast } from './fast-policy.ts'
import { OtherProcess } from './other-process.ts'
import { World } from './world.ts'

const claims = async (folder: string) => {
  const lock = join(folder, '.lifeline', 'lock')
  return (await readdir(lock)).map((name) => join(lock, name))
}

describe('a folder that another process takes over', () => {
  let world: World
  const others: OtherProcess[] = []
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  }, 60_000)
  afterEach(async () => {
    await Promise.all(others.splice(0).map((other) => other.end()))
    await world.calm()
  })
  afterAll(() => world.close())

  test('its claim gone, an idle account is fenced with the next heartbeat, says who has it, and goes on once the other has ended', async () => {
    const folder = await world.linkedFolder()
    let beat: () => void = () => undefined
    const timers = {
      setInterval: (step: () => void) => {
        beat = step
        return {}
      },
      clearInterval: () => undefined,
    }
    const gateway = world.newcomer(
      // Too long for a probe: what ends the socket is the heartbeat alone.
      { store: fileAuthStore(folder, { timers }), policy: { liveness: { silenceMs: 600_000 } } },
      folder,
    )
    await gateway.up()
    const creds = await gateway.fingerprint()
    const other = await OtherProcess.owner(folder)
    others.push(other)
    beat()
    const { message, userAction } = await gateway.until('blocked')
    expect(message).toContain('nother process')
    expect(userAction).toBe('check-other-client')
    const [socket] = gateway.sockets
    await expect(async () => socket?.authState.keys.set({ session: { '4915.0': null } })).rejects.toThrow(/fenced/)
    socket?.ev.emit('creds.update', { accountSyncCounter: 99 })
    expect(gateway.line.socket).toBeUndefined()

    await other.end()
    await gateway.until('healthy')
    expect(await gateway.fingerprint()).toBe(creds)
    expect(gateway.path).not.toContain('awaitingQr')
    expect(world.server.peak(gateway.number)).toBe(1)
  })

  test('asked for again before its heartbeat noticed, a lost lock is refused like anybody else’s, and given back once it is free', async () => {
    const folder = await world.linkedFolder()
    const ours = fileAuthStore(folder)
    await ours.acquire()
    const theirs = fileAuthStore(folder, { processes: { ...systemProcesses, stateOf: () => 'gone' } })
    await theirs.acquire()
    await expect(ours.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    await theirs.release()
    await ours.acquire()
    expect(await ours.owned()).toBe(true)
    await ours.release()
  })

  test('a process that was stopped for longer than its claim holds finds itself replaced, writes nothing, and takes over again when it may', async () => {
    const folder = await world.linkedFolder()
    const sleepy = fast({ liveness: { silenceMs: 400, sleepJumpMs: 100 } })
    const sleeper = OtherProcess.gateway(folder, world.server.url, world.server.rootKey, sleepy)
    others.push(sleeper)
    await sleeper.says((line) => line.includes('"healthy"'))
    sleeper.kill('SIGSTOP')
    // As if it had been stopped for two minutes.
    const then = new Date(Date.now() - 120_000)
    for (const claim of await claims(folder)) await utimes(claim, then, then)
    // A container beside it shares the folder, and not the view of its processes.
    const elsewhere = { ...systemProcesses, stateOf: () => 'unknown' as const }
    const taken = fileAuthStore(folder, { processes: elsewhere })
    await taken.acquire()
    const before = await taken.inspect({ depth: 'full' })
    sleeper.kill('SIGCONT')
    const logins = world.server.logins(world.number).length
    // It asks again and again, and does not dial in between.
    for (let times = 0; times < 3; times++)
      expect(await sleeper.says((line) => line.includes('"blocked"'))).toContain('check-other-client')
    expect(world.server.logins(world.number).length).toBe(logins)
    expect(await taken.owned()).toBe(true)
    expect((await taken.inspect({ depth: 'full' })).creds).toEqual(before.creds)
    await taken.release()
    await sleeper.says((line) => line.includes('"healthy"'))
    expect(world.server.peak(world.number)).toBe(1)
  })
})
