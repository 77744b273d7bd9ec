import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { PolicyOptions } from '../../../src/index.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

const liveness = { silenceMs: 60_000, sleepJumpMs: 60_000 }

describe.each(today)('connected, pings answered, and nothing arrives, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `silence ${name}` })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  /** A gateway whose store does not answer reads of sessions while it is told so. */
  async function onSilentStore(waits: PolicyOptions['liveness']) {
    const silence = { on: false, unanswered: [] as (() => void)[] }
    const gateway = await world.gateway({
      policy: { liveness: waits },
      connect: ({ auth, ...given }) => {
        const { keys } = auth
        const get: typeof keys.get = (type, ids) => {
          if (!silence.on || type !== 'session') return keys.get(type, ids)
          return new Promise((resolve, reject) => {
            silence.unanswered.push(() => void Promise.resolve(keys.get(type, ids)).then(resolve, reject))
          })
        }
        return world.socket({ ...given, auth: { ...auth, keys: { ...keys, get } } })
      },
    })
    return { gateway: await gateway.up(), silence }
  }

  // NousResearch/hermes-agent issue 92806, openclaw/openclaw issues 14146 and 73913.
  test('a store that does not answer holds the queue of messages up: the link is dropped with that cause, and what came is read on the next', async () => {
    const { gateway, silence } = await onSilentStore({ ...liveness, stuckMs: 400 })
    const [friend] = await world.friends(gateway, ['ann'])
    if (!friend) throw new Error('nobody is there')
    silence.on = true
    const texts = ['one', 'two', 'three'].map((text) => `${text} ${Math.random()}`)
    for (const text of texts) await friend.send(gateway.number, text)
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'stuck')
    silence.on = false
    expect(silence.unanswered.length).toBeGreaterThan(0)
    // libsignal keeps one queue for each address in the whole process: what hangs there holds up later sockets too.
    for (const answer of silence.unanswered) answer()
    expect(gateway.line.status.message).toContain('could not be taken in to its end')
    await gateway.until('healthy')
    await gateway.until(() => texts.every((text) => gateway.texts.includes(text)))
  })

  test('the status says when a message last came and when one of ours was last taken', async () => {
    const began = Date.now()
    const gateway = await (await world.gateway()).up()
    expect(gateway.line.status.lastOutboundAt).toBeUndefined()
    await world.friends(gateway, ['bob'])
    await vi.waitFor(() => expect(gateway.line.status.lastOutboundAt).toBeDefined())
    const { lastInboundAt = 0, lastOutboundAt = 0 } = gateway.line.status
    expect(lastInboundAt).toBeGreaterThanOrEqual(began)
    expect(lastOutboundAt).toBeGreaterThanOrEqual(lastInboundAt)
    expect(lastOutboundAt).toBeLessThanOrEqual(Date.now())
  })

  test('the status is one object while nothing has changed, and another when a message has passed', async () => {
    const gateway = await (await world.gateway()).up()
    const { status } = gateway.line
    expect(gateway.line.status).toBe(status)
    await world.friends(gateway, ['cid'])
    expect(gateway.line.status).not.toBe(status)
    expect(gateway.line.status).toBe(gateway.line.status)
  })

  test('the status counts the messages that have come and are not taken in, until they are', async () => {
    const { gateway, silence } = await onSilentStore(liveness)
    const [friend] = await world.friends(gateway, ['dot'])
    if (!friend) throw new Error('nobody is there')
    silence.on = true
    await friend.send(gateway.number, 'take me in')
    await vi.waitFor(() => expect(silence.unanswered.length).toBeGreaterThan(0), { interval: 5 })
    expect(gateway.line.status.messagesWaiting).toBe(1)
    const { lastInboundAt } = gateway.line.status
    silence.on = false
    for (const answer of silence.unanswered) answer()
    await gateway.until(() => gateway.texts.includes('take me in'))
    await vi.waitFor(() => expect(gateway.line.status.messagesWaiting).toBeUndefined(), { interval: 5 })
    expect(gateway.line.status).toMatchObject({ state: 'healthy', lastInboundAt })
  })

  test('an account that is never quiet, as its owner says, gets a new socket when it is', async () => {
    const quick = { ...liveness, silenceMs: 200 }
    const gateway = await (await world.gateway({ policy: { liveness: { ...quick, expectTrafficEveryMs: 600 } } })).up()
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'quiet')
    await gateway.until('healthy')
  })
})
