import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Inspector, inspector } from '../../src/inspect/index.ts'
import { damageSessions, sessionFiles } from '../lifeline/damage.ts'
import { lines, World } from '../lifeline/world.ts'
import { viewer } from './viewer.ts'

/** Every key in the files of a folder, as base64, hex and the start of a list of bytes; and the addresses of contacts in their names. */
async function secretsIn(folder: string): Promise<Set<string>> {
  const found = new Set<string>()
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue
    const address = /^session-([\d_]+)/.exec(name)?.[1]
    if (address !== undefined) found.add(address)
    for (const [, key = ''] of (await readFile(join(folder, name), 'utf8')).matchAll(/"([A-Za-z0-9+/]{22,}={0,2})"/g)) {
      const bytes = Buffer.from(key, 'base64')
      for (const form of [key.replace(/=+$/, ''), bytes.toString('hex'), [...bytes.subarray(0, 12)].join(',')])
        found.add(form)
    }
  }
  return found
}

describe.each(lines)('what a viewer is sent with $name', ({ name, baileys }) => {
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
      for (const part of code.slice(code.indexOf('#') + 1).split(',')) if (part.length > 12) secrets.add(part)
      if (pairingCode !== undefined) secrets.add(pairingCode)
    })
    await gateway.start()
    secrets.add(await gateway.line.requestPairingCode(gateway.number))
    await world.scan(gateway)
    await gateway.until(() => gateway.state === 'healthy' && gateway.drained)
    const friends = await world.friends(gateway, ['anna', 'berta', 'carla'])
    for (const friend of friends) secrets.add(friend.jid.replace(/@.*/, ''))
    for (const secret of await secretsIn(gateway.folder)) secrets.add(secret)
    await gateway.line.stop()
    await damageSessions(gateway.folder, ['foreign', 'half', 'empty'], await sessionFiles(gateway.folder))
    await gateway.up()
    await world.read(gateway, friends)
    await gateway.line.prune('all')
    await gateway.until('healthy')
    for (const secret of await secretsIn(gateway.folder)) secrets.add(secret)
    const late = await viewer(relay.url)
    await late.until((all) => all.some((one) => one.type === '@xstate.snapshot'))

    const seen = JSON.stringify(look.messages.map((one) => (one.type === '@xstate.snapshot' ? one.snapshot.value : '')))
    for (const state of ['showing', 'healthy', 'pruning']) expect(seen).toContain(state)
    expect(secrets.size).toBeGreaterThan(300)
    const text = [...look.texts, ...late.texts].join('\n')
    const shown = [...secrets].filter((secret) => text.includes(secret))
    expect(shown.map((secret) => `…${text.slice(text.indexOf(secret) - 200, text.indexOf(secret))}`)).toEqual([])
  })
})
