import { cpSync, existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { World } from './world.ts'

describe('a folder that is deleted while it is in use', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('is said to be deleted, is not made again, shows no code, and goes on when it is put back', async () => {
    const gateway = await world.gateway({ policy: { liveness: { silenceMs: 200, probeTimeoutMs: 1_000 } } })
    await gateway.up()
    const backup = world.folder()
    // What is being written just then may be gone before it is copied.
    cpSync(gateway.folder, backup, { recursive: true, filter: (path) => !path.endsWith('.lifeline-tmp') })
    await rm(gateway.folder, { recursive: true, maxRetries: 5 })
    const { message, remediation, userAction } = await gateway.until('blocked')
    expect({ message, userAction }).toEqual({
      message: 'The credentials are no longer in their place.',
      userAction: 'check-disk',
    })
    expect(remediation).toContain('Put them back')
    // It looks again and again.
    await gateway.next('blocked')
    await gateway.next('blocked')
    expect(existsSync(gateway.folder)).toBe(false)
    expect(gateway.codes).toEqual([])

    cpSync(backup, gateway.folder, { recursive: true })
    await gateway.until('healthy')
    expect(gateway.codes).toEqual([])
  })

  test('is as good as deleted when an empty one is in its place, and goes on when it is back', async () => {
    const gateway = await world.gateway({ policy: { liveness: { silenceMs: 200, probeTimeoutMs: 1_000 } } })
    await gateway.up()
    // As when its disk is no longer mounted.
    const away = world.folder()
    await rename(gateway.folder, away)
    await mkdir(gateway.folder)
    await gateway.until('blocked')
    await gateway.next('blocked')
    expect(gateway.line.status.userAction).toBe('check-disk')
    expect(gateway.statuses.map(({ userAction }) => userAction)).not.toContain('check-other-client')
    expect(await readdir(gateway.folder)).toEqual([])
    await rename(away, gateway.folder)
    await gateway.until('healthy')
    expect(gateway.codes).toEqual([])
  })

  test('stop() leaves it deleted, and the next start, which somebody asked for, makes it anew', async () => {
    const gateway = await (await world.gateway()).up()
    await rm(gateway.folder, { recursive: true, maxRetries: 5 })
    await gateway.line.stop()
    expect(existsSync(gateway.folder)).toBe(false)
    await gateway.start()
    await gateway.until(() => gateway.line.status.qr !== undefined)
  })

  test('is not taken for another process’s while it is being deleted, its lock first', async () => {
    const gateway = await world.gateway({ policy: { liveness: { silenceMs: 50, probeTimeoutMs: 1_000 } } })
    await gateway.up()
    await rm(join(gateway.folder, '.lifeline', 'lock'), { recursive: true })
    await new Promise((resolve) => setTimeout(resolve, 200))
    await rm(gateway.folder, { recursive: true, maxRetries: 5 })
    await gateway.until('blocked')
    expect(gateway.statuses.map(({ userAction }) => userAction)).not.toContain('check-other-client')
    expect(gateway.line.status.userAction).toBe('check-disk')
  })

  test('a store says that it was deleted, and refuses to be acquired until it is released', async () => {
    const folder = await world.linkedFolder()
    const store = fileAuthStore(folder)
    await store.acquire()
    expect(await store.gone?.()).toBe(false)
    await rm(folder, { recursive: true })
    expect(await store.gone?.()).toBe(true)
    await expect(store.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_GONE' })
    expect(existsSync(folder)).toBe(false)
    await store.release()
    expect(await store.gone?.()).toBe(false)
  })
})
