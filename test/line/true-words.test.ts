import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AuthStoreError, fileAuthStore } from '../../src/index.ts'
import { World } from './world.ts'

describe('what a status says of what the owner has to mend', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('an error of the owner in connect is in the status, in the notice and in the log, in its own words', async () => {
    const message = "Cannot read properties of undefined (reading 'browser')"
    let broken = true
    const gateway = await world.gateway({
      connect: (given) => {
        if (broken) throw new TypeError(message)
        return world.socket(given)
      },
    })
    await gateway.start()
    await gateway.until(() => gateway.told.includes('outage'))
    // Until the next attempt begins.
    await gateway.until(() => gateway.line.status.message.includes(`The connect function failed: ${message}.`))
    expect(gateway.notices.find(({ kind }) => kind === 'outage')?.message).toContain(message)
    expect(gateway.line.history()).toContainEqual(
      expect.objectContaining({ type: 'trouble', doing: 'calling connect', message }),
    )
    broken = false
    await gateway.until('healthy')
  })

  test('a package of Baileys that is missing is no trouble of the disk', async () => {
    const folder = await world.linkedFolder()
    const missing = Object.assign(new Error("Cannot find package '@whiskeysockets/baileys'"), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
    const gateway = world.newcomer({ store: fileAuthStore(folder, { baileys: () => Promise.reject(missing) }) }, folder)
    const { message, remediation } = await gateway.start().then(
      () => gateway.until('blocked'),
      (error: AuthStoreError) => error,
    )
    expect(message).toContain('Cannot find package')
    expect(`${message} ${remediation} ${JSON.stringify(gateway.line.history())}`).not.toMatch(/disk|space|permission/i)
  })
})
