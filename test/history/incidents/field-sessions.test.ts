import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { damageSessions, sessionFiles, uncleanEnd } from '../../line/damage.ts'
import type { Gateway } from '../../line/gateway.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn, slow } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

vi.setConfig({ testTimeout: 120_000 })

const ten = Array.from({ length: 10 }, (_, at) => `friend ${at}`)

/**
 * Everything that a reconnect could leave behind: sockets and timers of the process, its listeners, and those of the
 * sockets that are over.
 */
function holdings({ sockets }: Gateway): Record<string, number> {
  const held: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) if (/TCP|Timeout/.test(kind)) held[kind] = (held[kind] ?? 0) + 1
  held.processListeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
  const listeners = ({ ws }: Gateway['sockets'][number]) =>
    ws.eventNames().reduce((sum, name) => sum + ws.listenerCount(name), 0)
  held.oldSocket = Math.max(0, ...sockets.slice(-3, -1).map(listeners))
  held.newSocket = Math.max(0, ...sockets.slice(-1).map(listeners))
  return held
}

describe.each(today)('what happened to sessions in the field, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name, claimedPreKeys: 0 })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('1: a power cut that tore every session, then a 440, then a 515, heals by itself and every contact is read again', {
    tags: [slow],
  }, async () => {
    const before = await (await world.gateway()).up()
    const friends = await world.friends(before, ten)
    const identity = await before.identity()
    await before.line.stop()
    const files = await sessionFiles(before.folder)
    expect(files.length).toBeGreaterThanOrEqual(10)
    await damageSessions(before.folder, ['foreign', 'empty', 'nul', 'half'], files)
    await uncleanEnd(before.folder)

    const gateway = world.newcomer({}, before.folder, before.number)
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

    expect(await gateway.identity()).toEqual(identity)
    expect(gateway.told).toContain('sessions-pruned')
    expect(gateway.path).not.toContain('awaitingQr')
    expect(world.server.peak(gateway.number)).toBe(1)
    for (const friend of friends) await world.chat(gateway, friend)
  })

  test('13: a flood of Bad MAC on an open socket is met by a few prunes, each watched for its effect, and then by a person who is told what was tried', {
    tags: [slow],
  }, async () => {
    const gateway = await (await world.gateway()).up()
    const friends = await world.friends(gateway, ten.slice(0, 6), { resends: false })
    const identity = await gateway.identity()
    const flood = async () => {
      for (const friend of friends) await friend.loseTrack(gateway.number)
      for (let round = 0; round < 8; round++)
        await Promise.all(friends.map((friend) => friend.send(gateway.number, 'nobody can read this')))
    }
    await flood()
    // A prune does not help against senders that keep to sessions of nobody.
    gateway.line.on('notice', ({ kind }) => {
      if (kind === 'sessions-pruned') void gateway.next('healthy').then(flood)
    })
    await gateway.until(() => gateway.told.includes('pruning-exhausted'))

    const prunes = gateway.notices.filter(({ kind }) => kind === 'sessions-pruned')
    expect(prunes.length).toBeGreaterThan(0)
    expect(prunes.length).toBeLessThanOrEqual(2)
    expect(prunes.filter(({ details }) => details.scope === 'all').length).toBeLessThanOrEqual(1)
    const told = gateway.notices.find(({ kind }) => kind === 'pruning-exhausted')
    expect(told?.message).toContain('setting')
    expect(told?.message).toContain('The connection stays up')
    expect(gateway.state).toBe('degraded')
    expect(gateway.line.socket?.ws.isOpen).toBe(true)
    expect(gateway.path).not.toContain('awaitingQr')
    expect(await gateway.identity()).toBe(identity)
    // Whoever begins a new session is read meanwhile.
    await world.read(gateway, [world.server.contact(`newcomer ${name}`)])
  })

  test('14: many reconnects leave no socket, no timer and no listener behind', { tags: [slow] }, async () => {
    const gateway = await (await world.gateway()).up()
    const round = async () => {
      const entered = gateway.next('healthy')
      await gateway.line.reconnect()
      await entered
      await gateway.until(() => gateway.drained)
    }
    for (let at = 0; at < 3; at++) await round()
    const before = holdings(gateway)
    for (let at = 0; at < 12; at++) await round()
    // What Baileys still asks after a login has timers too; they end by themselves, and nothing tells when.
    await vi.waitFor(() => {
      for (const [what, count] of Object.entries(holdings(gateway)))
        expect({ what, more: count - (before[what] ?? 0) > 1 }).toEqual({ what, more: false })
    }, 10_000)
    expect(world.server.connections.length).toBe(1)
    expect(gateway.sockets.filter(({ ws }) => ws.isOpen).length).toBe(1)
    expect(world.server.peak(gateway.number)).toBe(1)
  })
})
