import * as fc from 'fast-check'
import { link } from '../../account.ts'
import { Expected } from './expected.ts'
import { type Draw, ModelDisk } from './model-disk.ts'
import { mint, type Subject } from './subject.ts'

/** One save of a gateway: some keys at once, written or removed, or its creds. */
type Save =
  | { readonly kind: 'keys'; readonly ids: readonly number[]; readonly remove: boolean }
  | { readonly kind: 'creds' }

/** What a gateway saves, and where its power is cut. */
export interface Story {
  readonly saves: readonly Save[]
  /** After how many saves each wait happens; between them saves overlap. */
  readonly waitEvery: number
  /** Where in the run each cut comes, in thousandths of its calls. */
  readonly cuts: readonly number[]
  /** Seed of what luck leaves. */
  readonly luck: number
}

const keyCount = 6
const cutsOfStory = 12

const save: fc.Arbitrary<Save> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('keys' as const),
      ids: fc.uniqueArray(fc.nat(keyCount - 1), { minLength: 1, maxLength: 4 }),
      remove: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'creds' as const }) },
)

export const story: fc.Arbitrary<Story> = fc.record({
  saves: fc.array(save, { minLength: 1, maxLength: 8 }),
  waitEvery: fc.integer({ min: 1, max: 4 }),
  cuts: fc.uniqueArray(fc.nat(1000), { minLength: cutsOfStory, maxLength: cutsOfStory }),
  luck: fc.nat(),
})

/** A small generator of its own (a linear congruence, high bits only): the same seed leaves the same remnant. */
const drawFrom = (seed: number): Draw => {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/**
 * Lives through a story once and reads what stands there after each of its cuts; rejects if that breaks a promise. The
 * number of cuts.
 */
export async function liveThrough(subject: Subject, { saves, waitEvery, cuts, luck }: Story): Promise<number> {
  const disk = new ModelDisk()
  const expected = new Expected(() => disk.calls)
  const gateway = await subject.open(disk)
  link(gateway.creds)
  gateway.creds.accountSyncCounter = 0
  await gateway.saveCreds()
  expected.issue([['creds', 0]])()
  const begun = disk.calls

  const running: Promise<unknown>[] = []
  for (const [at, one] of saves.entries()) {
    // A number no two saves share, so that a value names its save.
    const stamp = at + 1
    if (one.kind === 'creds') {
      gateway.creds.accountSyncCounter = stamp
      if (at % 2 === 0) gateway.creds.myAppStateKeyId = `key ${stamp}`
      running.push(gateway.saveCreds().then(expected.issue([['creds', stamp]])))
    } else {
      const value = one.remove ? null : { stamp, pad: 'x'.repeat(100) }
      const acknowledge = expected.issue(one.ids.map((id) => [String(id), value === null ? null : stamp]))
      const saved = gateway.set(Object.fromEntries(one.ids.map((id) => [String(id), value])))
      running.push(saved.then(acknowledge))
    }
    if (stamp % waitEvery === 0) await Promise.all(running)
  }
  await Promise.all(running)
  await gateway.settle?.()

  const moments = new Set(cuts.map((cut) => begun + Math.round(((disk.calls - begun) * cut) / 1000)))
  for (const calls of moments) await check(subject, disk.afterCut(calls, drawFrom(luck + calls)), expected, calls)
  return moments.size
}

async function check(subject: Subject, left: ModelDisk, expected: Expected, calls: number): Promise<void> {
  const ids = Array.from({ length: keyCount }, (_, id) => String(id))
  const { creds, values } = await subject.read(left, ids)
  if (creds?.registrationId !== mint().registrationId) throw new Error(`after ${calls} calls: the identity is lost`)
  const allow = (key: string, value: unknown) => {
    if (!expected.of(key, calls).includes(value))
      throw new Error(
        `after ${calls} calls: ${key} is ${String(value)}, and may be ${expected.of(key, calls).join(' or ')}`,
      )
  }
  const found = new Map<string, unknown>([['creds', creds.accountSyncCounter]])
  for (const id of ids) found.set(id, stampOf(values[id]))
  for (const [key, value] of found) allow(key, value)
  if (subject.keepsSetsWhole && !expected.isReached(found))
    throw new Error(`after ${calls} calls: a mixture of saves: ${JSON.stringify([...found])}`)
}

/** The save that a session is of; null for none. */
const stampOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'stamp' in value ? value.stamp : (value ?? null)
