import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Inspector, inspector } from '../../src/inspect/index.ts'
import { codeParts, keyMaterial, secretsShownIn } from '../key-material.ts'
import { damageSessions, sessionFiles } from '../line/damage.ts'
import { lines, World } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { viewer } from './viewer.ts'

const today = inTurn(lines, import.meta.url)

/** Addresses of contacts, in the names of session files. */
const addressesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).flatMap((name) => /^session-([\d_]+)/.exec(name)?.[1] ?? [])

describe.each(today)('what a viewer is sent with $name', ({ name, baileys }) => {
  let world: World
  let relay: Inspector
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name, claimedPreKeys: 0 })
    relay = await inspector()
  })
  afterAll(async () => {
    await relay.close()
    await world.close()
  })

  test('of a pairing and a heal holds no key, credential, code, number or address of a contact, and shows both', async () => {
    const look = await viewer(relay.url)
    const gateway = world.newcomer({
      inspect: relay.inspect,
      expectedNumber: world.number,
      policy: { reconnect: { connectTimeoutMs: 20_000 } },
    })
    const secrets = new Set<string>([gateway.number])
    gateway.line.on('qr', ({ code, pairingCode }) => {
      for (const part of codeParts(code)) secrets.add(part)
      if (pairingCode !== undefined) secrets.add(pairingCode)
    })
    const keepSecrets = async () => {
      for (const secret of [...(await keyMaterial(gateway.folder)), ...(await addressesIn(gateway.folder))])
        secrets.add(secret)
    }
    await gateway.start()
    secrets.add(await gateway.line.requestPairingCode(gateway.number))
    await world.scan(gateway)
    await gateway.until(() => gateway.state === 'healthy' && gateway.drained)
    const friends = await world.friends(gateway, ['anna', 'berta', 'carla'])
    for (const friend of friends) secrets.add(friend.jid.replace(/@.*/, ''))
    await keepSecrets()
    await gateway.line.stop()
    await damageSessions(gateway.folder, ['foreign', 'half', 'empty'], await sessionFiles(gateway.folder))
    await gateway.up()
    await world.read(gateway, friends)
    await gateway.line.prune('all')
    await gateway.until('healthy')
    await keepSecrets()
    const late = await viewer(relay.url)
    await late.until((all) => all.some((one) => one.type === '@xstate.snapshot'))

    const seen = JSON.stringify(look.messages.map((one) => (one.type === '@xstate.snapshot' ? one.snapshot.value : '')))
    for (const state of ['showing', 'healthy', 'pruning']) expect(seen).toContain(state)
    expect(secrets.size).toBeGreaterThan(300)
    const text = [...look.texts, ...late.texts].join('\n')
    expect(secretsShownIn(text, secrets)).toEqual([])
  })
})
