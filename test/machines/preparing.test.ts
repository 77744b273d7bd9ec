import { expect, test } from 'vitest'
import { type Facts, factsOf } from '../../machines/index.ts'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000
const first = { firstLook: true, afterUnclean: true, ownCreds: false }

/** The facts as a run leaves them that ended as asked, or did not. */
const factsLeft = async (clean: boolean): Promise<Facts> => {
  const rig = await new Rig().healthy()
  return factsOf(rig.context, clean)
}

test.each([
  ['a run without facts', async (): Promise<Facts | undefined> => undefined, true],
  ['a crash', () => factsLeft(false), true],
  ['a clean end', () => factsLeft(true), false],
] as const)(
  'the first look after %s is for damage or not, and so is the grace of its socket',
  async (_, left, afterUnclean) => {
    const facts = await left()
    const rig = await new Rig(facts === undefined ? {} : { facts }).healthy()
    expect(rig.world.prepareCalls).toEqual([{ ...first, afterUnclean }])
    expect(rig.world.opened).toMatchObject([{ afterUnclean }])
  },
)

test('the folder has its first look once, until credentials were found good', async () => {
  const rig = new Rig()
  rig.world.failing.prepareAuth = 1
  await rig.healthy()
  rig.world.close(cause('closed'))
  await rig.until(() => rig.status.state === 'reconnecting', minute)
  await rig.until('healthy', minute)
  expect(rig.world.prepareCalls.map(({ firstLook }) => firstLook)).toEqual([true, true, false])
})

test('from a code back to the own credentials they are tried, until a code is asked for again', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'relink' })
  await rig.until(() => rig.state === 'awaitingQr.pairing.showing', minute)
  rig.send({ type: 'reconnect' })
  await rig.until('healthy', minute)
  rig.send({ type: 'relink' })
  await rig.until(() => rig.state === 'awaitingQr.pairing.showing', minute)
  expect(rig.context.pair.ownCreds).toBe(false)
  expect(rig.world.prepareCalls.map(({ ownCreds }) => ownCreds)).toEqual([false, true])
})
