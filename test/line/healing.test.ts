import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn, slow } from '../share.ts'
import { damageSessions, sessionFiles, uncleanEnd } from './damage.ts'
import { digest, type GatewayOptions } from './gateway.ts'
import { lines, World } from './world.ts'

vi.setConfig({ testTimeout: 120_000 })

const ten = Array.from({ length: 10 }, (_, at) => `friend ${at}`)

/** Digests of the files in the quarantine, by the name that they had: of each the version that came first. */
async function quarantined(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const entry of [...(await fileAuthStore(folder).quarantined())].sort((a, b) => b.at - a.at))
    for (const { name } of entry.files)
      files.set(name, digest(await readFile(join(folder, '.lifeline', 'quarantine', entry.id, name))))
  return files
}

describe.each(inTurn(lines, import.meta.url))('damaged sessions with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('contacts that never resend are read again after the next message to them', { tags: [slow] }, async () => {
    const before = await world.linked('491700000011')
    const friends = await world.friends(before, ['anna', 'berta'], { resends: false })
    await before.line.stop()
    await damageSessions(before.folder, ['foreign', 'half'], await sessionFiles(before.folder))
    await uncleanEnd(before.folder)
    const gateway = await world.newcomer({}, before.folder, before.number).up()
    await Promise.all(friends.map((friend) => friend.send(gateway.number, 'lost')))
    await gateway.line.prune('all').catch(() => undefined)
    await gateway.until('healthy')
    for (const friend of friends) {
      const got = friend.nextReceived()
      await gateway.say(friend.jid, 'are you there?')
      await gateway.soon(got, `what was sent to ${friend.name}`)
    }
    await world.read(gateway, friends)
    expect(gateway.path).not.toContain('awaitingQr')
  })

  test('a storm of sessions that never heal leads to a prune, whose files lie in the quarantine as they were', {
    tags: [slow],
  }, async () => {
    const before = await world.linked('491700000012')
    const friends = await world.friends(before, ten.slice(0, 6), { resends: false })
    const identity = await before.identity()
    await before.line.stop()
    const damaged = await damageSessions(before.folder, ['foreign'], await sessionFiles(before.folder))
    const gateway = await world.newcomer({}, before.folder, before.number).up()
    await Promise.all(friends.map((friend) => friend.send(gateway.number, 'unread')))
    await gateway.until(() => gateway.told.includes('sessions-pruned'))
    const aside = await quarantined(gateway.folder)
    expect(aside.size).toBeGreaterThanOrEqual(6)
    for (const [file, content] of aside) expect(content).toBe(digest(damaged.get(file) ?? ''))
    expect(await gateway.identity()).toEqual(identity)
    expect(gateway.path).not.toContain('awaitingQr')
  })

  test('the live cure makes a new session for one contact without closing the socket, and keeps a copy of the old', async () => {
    const gateway = await world.linked('491700000013')
    const made = gateway.sockets.length
    const [friend] = await world.friends(gateway, ['anna'])
    if (!friend) throw new Error('no friend')
    const files = (await sessionFiles(gateway.folder)).filter(
      (file) => file.includes(friend.number) || file.includes(friend.lid?.split('@')[0] ?? '-'),
    )
    const held = await damageSessions(gateway.folder, ['foreign'], files)
    friend.resends = false
    for (let at = 0; at < 3; at++) await friend.send(gateway.number, `unread ${at}`)
    gateway.line.actor?.subscribe(() => gateway.look())
    await gateway.until(() => gateway.line.actor?.getSnapshot().context.tried.live === true)
    // What was lost stays lost, but the next message on the new session is read, and the account is well again.
    const got = friend.nextReceived()
    await gateway.say(friend.jid, 'are you there?')
    await gateway.soon(got, 'what was sent')
    await world.read(gateway, [friend])
    await gateway.until('healthy')
    expect(gateway.sockets.length).toBe(made)
    const aside = await quarantined(gateway.folder)
    for (const [file, content] of aside) expect(content).toBe(digest(held.get(file) ?? ''))
    expect(aside.size).toBeGreaterThan(0)
  })

  // Version 7 asks before it reads the next message, and does not wait for the phone meanwhile.
  if (name === 'v6')
    test('the live cure asks for the last message again, with keys, where Baileys does not get to that', async () => {
      // Its second question for a message, the one with keys, stands behind those for other messages: here until long
      // after this test.
      const connect: GatewayOptions['connect'] = (given) => world.socket(given, { retryRequestDelayMs: 10_000 })
      const gateway = await world.linked('491700000014', { connect })
      const made = gateway.sockets.length
      const [friend] = await world.friends(gateway, ['anna'])
      if (!friend) throw new Error('no friend')
      await damageSessions(gateway.folder, ['foreign'], await sessionFiles(gateway.folder))
      for (let at = 0; at < 3; at++) await friend.send(gateway.number, `unread ${at}`)
      await gateway.until(() => gateway.texts.includes('unread 2'), 8_000)
      await world.read(gateway, [friend])
      expect(gateway.sockets.length).toBe(made)
      expect(gateway.path).not.toContain('pruningSessions')
    })

  test('a run of 515 at login prunes once, then offers a code with creds.json in its place, and a scan works', async () => {
    const gateway = await world.linked('491700000005')
    await world.friends(gateway, ['anna'])
    const creds = await gateway.fingerprint()
    world.server.onNextLogin(faults.restartRequired, { account: gateway.number, times: 6 })
    await gateway.line.reconnect()
    await gateway.until(() => gateway.state === 'awaitingQr' && gateway.line.status.qr !== undefined)
    expect(gateway.path.filter((state) => state === 'pruningSessions')).toEqual(['pruningSessions'])
    expect(await gateway.fingerprint()).toBe(creds)
    await world.scan(gateway)
    await gateway.until('healthy')
  })

  test('a second gateway on a copy of the credentials leads to conflicted, and nothing is set aside', async () => {
    // The loser looks by itself again, but not while it is asked to.
    const policy = { conflict: { probeMs: 600_000 } }
    const one = await world.gateway({ policy })
    await one.up()
    const two = world.newcomer({ policy }, await world.linkedFolder())
    await two.start()
    await one.until(() => [one, two].some(({ state }) => state === 'conflicted'))
    const loser = one.state === 'conflicted' ? one : two
    expect(loser.line.status.userAction).toBe('check-other-client')
    expect(loser.told).toContain('conflict')
    expect([...one.path, ...two.path]).not.toContain('pruningSessions')
    const winner = loser === one ? two : one
    await winner.line.stop()
    await loser.line.reconnect()
    await loser.until('healthy')
  })
})
