import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { inTurn } from '../share.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('with $name, what was written while the account was away', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test.each([
    { case: 'when nobody writes any more', history: false, fault: undefined },
    { case: 'while a history is waited for', history: true, fault: undefined },
    { case: 'when the server never says that it was all', history: false, fault: { kind: 'no-offline-node' } as const },
  ])('is told at once, in order and as late, $case', async ({ history, fault, case: title }) => {
    const before = await (await world.gateway()).up()
    const [anna] = await world.friends(before, [`anna ${title}`])
    if (!anna) throw new Error('nobody writes')
    await before.line.stop()
    const texts = Array.from({ length: 12 }, (_, at) => `${at} ${title}`)
    for (const text of texts) await anna.send(before.number, text)
    if (fault) world.server.onNextLogin(fault, { account: before.number })
    const gateway = world.newcomer(
      { connect: (given) => world.socket(given, { shouldSyncHistoryMessage: () => history }) },
      before.folder,
      before.number,
    )
    await gateway.start()
    await gateway.until(() => gateway.texts.length >= texts.length, 10_000)
    expect(gateway.texts).toEqual(texts)
    // And the history says that it came late.
    await gateway.line.stop()
    const arrived = gateway.line.history().flatMap((entry) => (entry.type === 'arrived' ? [entry] : []))
    expect(arrived.reduce((all, { late }) => all + late, 0)).toBe(texts.length)
    expect(arrived.every(({ unread, reread }) => unread + reread === 0)).toBe(true)
  })
})
