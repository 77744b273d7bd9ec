import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../src/fake-whatsapp/index.ts'
import { fileAuthStore } from '../../src/index.ts'
import { damageSessions, sessionFiles, uncleanEnd } from './damage.ts'
import type { Gateway } from './gateway.ts'
import { lines, World } from './world.ts'

const ten = Array.from({ length: 10 }, (_, at) => `friend ${at}`)

/** Every file in the quarantine, by the name that it had, newest version last. */
async function quarantined(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const entry of [...(await fileAuthStore(folder).quarantined())].sort((a, b) => a.at - b.at))
    for (const { name } of entry.files)
      files.set(name, await readFile(join(folder, '.lifeline', 'quarantine', entry.id, name)))
  return files
}

const identityOf = async (gateway: Gateway) => {
  const { signedIdentityKey, noiseKey, registrationId, advSecretKey } = JSON.parse(await gateway.creds())
  return { signedIdentityKey, noiseKey, registrationId, advSecretKey }
}

describe.each(lines.filter((l) => !process.env.LINE || l.name === process.env.LINE))(
  'damaged sessions with $name',
  ({ name, baileys }) => {
    let world: World
    beforeAll(async () => {
      world = await World.open(baileys, { seed: name })
    })
    afterEach(() => world.calm())
    afterAll(() => world.close())

    test('a power cut that tore every session, then a 440, then a 515, heals by itself and every contact is read again', async () => {
      const before = await (await world.gateway()).up()
      const friends = await world.friends(before, ten)
      const identity = await identityOf(before)
      await before.line.stop()
      const files = await sessionFiles(before.folder)
      expect(files.length).toBeGreaterThanOrEqual(10)
      await damageSessions(before.folder, ['foreign', 'empty', 'nul', 'half'], files)
      await uncleanEnd(before.folder)

      const gateway = world.newcomer({}, before.folder)
      const texts = friends.map((friend) => `after the power cut, ${friend.name}`)
      await Promise.all(friends.map((friend, at) => friend.send(gateway.number, texts[at] ?? '')))
      world.server.onNextLogin({ kind: 'deaf' }, { account: gateway.number })
      await gateway.up()
      world.server.now(faults.replaced, gateway.number)
      world.server.onNextLogin(faults.restartRequired, { account: gateway.number })
      await gateway.next('connecting')
      await gateway.until(
        () => gateway.state === 'healthy' && texts.every((text) => gateway.texts.includes(text)),
        25_000,
      )

      expect(await identityOf(gateway)).toEqual(identity)
      expect(gateway.told).toContain('sessions-pruned')
      expect(gateway.path).not.toContain('awaitingQr')
      expect(world.server.peak(gateway.number)).toBe(1)
      for (const friend of friends) await world.chat(gateway, friend)
      console.log(name, gateway.path.join(' '), gateway.told)
    })
  },
)
