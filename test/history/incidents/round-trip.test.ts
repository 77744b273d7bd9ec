import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

const line = 'baileys-lifeline: connection check'

// NousResearch/hermes-agent issue 92806, openclaw/openclaw issues 14146 and 73913: pings are answered, nothing comes.
describe.each(today)('a server that answers pings and delivers nothing, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `round trip ${name}` })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  const liveness = { silenceMs: 60_000, sleepJumpMs: 60_000, roundTripMs: 300, roundTripTimeoutMs: 300 }
  const checks = () => world.server.phone(world.number).copies.filter((text) => text === line).length

  test('what the account writes to its own chat has no answer twice: a new socket brings what had waited', async () => {
    const gateway = await (await world.gateway({ policy: { liveness } })).up()
    const [friend] = await world.friends(gateway, ['ann'])
    if (!friend) throw new Error('nobody is there')
    const before = checks()
    world.server.now({ kind: 'deaf' }, gateway.number)
    await friend.send(gateway.number, 'is anybody there?')
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'unanswered')
    expect(gateway.line.status.message).toContain('wrote to its own chat twice, and nothing came back')
    // One that was not written in time says nothing, and is written again.
    expect(checks() - before).toBeGreaterThanOrEqual(2)
    await gateway.until(() => gateway.texts.includes('is anybody there?'))
    expect(gateway.told).not.toContain('unanswered')
  })

  test('nothing comes back on the new socket either: it is told once, the link stays, and the end is told too', async () => {
    const gateway = await (await world.gateway({ policy: { liveness } })).up()
    world.server.now({ kind: 'deaf' }, gateway.number)
    world.server.onNextLogin({ kind: 'deaf' }, { account: gateway.number })
    await gateway.until(() => gateway.told.includes('unanswered'))
    const { generation } = await gateway.until('healthy')
    const before = checks()
    const phone = world.server.phone(gateway.number)
    await gateway.soon(
      (async () => {
        while (checks() < before + 4) await world.server.next('read-by-contact', { contact: phone.jid })
      })(),
      'two more rounds',
    )
    expect(gateway.line.status).toMatchObject({ state: 'healthy', generation })
    expect(gateway.told.filter((kind) => kind === 'unanswered')).toHaveLength(1)
    await gateway.line.reconnect()
    await gateway.until(() =>
      gateway.notices.some(({ kind, details }) => kind === 'unanswered' && details.over === true),
    )
    expect(gateway.notices.at(-1)?.message).toBe('Messages arrive again.')
  })

  test('a quiet account whose phone confirms keeps its link, and its own listeners see none of it', async () => {
    const gateway = await world.gateway({ policy: { liveness } })
    const seen: unknown[] = []
    gateway.line.ev.on('messages.upsert', ({ messages }) => seen.push(...messages))
    await gateway.up()
    const before = checks()
    const phone = world.server.phone(gateway.number)
    while (checks() < before + 5) await world.server.next('read-by-contact', { contact: phone.jid })
    expect(gateway.line.status).toMatchObject({ state: 'healthy', generation: 1 })
    expect(seen).toEqual([])
  })
})
