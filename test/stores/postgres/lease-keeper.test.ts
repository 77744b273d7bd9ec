import { expect, test } from 'vitest'
import { LeaseKeeper } from '../../../src/stores/postgres/lease-keeper.ts'
import { leaseTiming } from '../../../src/stores/postgres/timing.ts'

/** A host whose clock goes on when it is told to, with a database that answers as it is told. */
const host = () => {
  let [now, wall] = [0, 1_000_000]
  const ticks = new Set<{ every: number; next: number; step: () => void }>()
  const lost: string[] = []
  const sent: number[] = []
  let answer: () => Promise<ReadonlySet<string>> = async () => new Set(['a'])
  let look: () => Promise<'ours' | 'taken' | 'ended'> = async () => 'ours'
  const keeper = new LeaseKeeper({
    timing: leaseTiming(),
    clock: {
      now: () => now,
      wall: () => wall,
      every: (every, step) => {
        const tick = { every, next: now + every, step }
        ticks.add(tick)
        return { stop: () => ticks.delete(tick) }
      },
    },
    renew: () => {
      sent.push(now)
      return answer()
    },
    look: () => look(),
  })
  const settled = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  return {
    keeper,
    lost,
    sent,
    ticks,
    keep: () =>
      keeper.keep({ account: 'a', epoch: 1, token: 't', onLost: (reason) => lost.push(`${reason} at ${now}`) }, now),
    answers: (how: typeof answer) => {
      answer = how
    },
    finds: (what: 'ours' | 'taken' | 'ended') => {
      look = async () => what
    },
    looks: (how: typeof look) => {
      look = how
    },
    async goOn(ms: number, wallMs = ms) {
      const end = now + ms
      while (now < end) {
        const step = Math.min(end - now, 100)
        now += step
        wall += (step / ms) * wallMs
        for (const tick of [...ticks])
          if (now >= tick.next) {
            tick.next += tick.every
            tick.step()
          }
        await settled()
      }
    },
    /** Nothing runs meanwhile, then everything that is due does. */
    async pause(ms: number, wallMs = ms) {
      now += ms
      wall += wallMs
      for (const tick of [...ticks]) {
        tick.next = now + tick.every
        tick.step()
      }
      await settled()
    },
  }
}

test('a lease is renewed each ten seconds and kept for ever, and nothing runs once it is given back', async () => {
  const { keeper, keep, goOn, lost, sent, ticks } = host()
  keep()
  await goOn(120_000)
  expect([lost, sent.length]).toEqual([[], 12])
  keeper.drop('a')
  expect(ticks.size).toBe(0)
  // Kept again much later, it is as a new one.
  await goOn(60_000)
  keep()
  await goOn(9_900)
  expect([sent.length, ticks.size]).toEqual([12, 1])
  await goOn(200)
  expect([lost, sent.length]).toEqual([[], 13])
})

test('a renewal is over once it is known what became of the leases that it left out, and no trouble if that is not', async () => {
  const { keep, keeper, answers, looks, lost } = host()
  keep()
  answers(async () => new Set())
  let found: (what: 'ended') => void = () => undefined
  looks(() => new Promise((resolve) => (found = resolve)))
  let over = false
  const renewing = keeper.renewNow().then(() => {
    over = true
  })
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  expect([over, lost]).toEqual([false, []])
  found('ended')
  await renewing
  expect(lost).toEqual(['ended at 0'])
  keep()
  looks(() => Promise.reject(new Error('no route')))
  await keeper.renewNow()
  expect(lost).toHaveLength(1)
})

test('a database that cannot be reached is asked each second, and is no loss before the time is over, counted from before the last renewal was sent', async () => {
  const { keep, goOn, answers, lost, sent, keeper } = host()
  keep()
  await goOn(15_000)
  const renewedAt = sent.at(-1) ?? 0
  answers(() => Promise.reject(new Error('no route')))
  await goOn(19_900)
  expect(lost).toEqual([])
  expect(sent.length).toBeGreaterThan(10)
  expect(keeper.leftMs('a')).toBeLessThan(200)
  await goOn(5_000)
  expect(lost).toEqual([`unreachable at ${renewedAt + 25_000}`])
  expect(keeper.leftMs('a')).toBe(0)
})

test('an answer that took long counts from when it was asked for', async () => {
  const { keep, goOn, answers, lost } = host()
  keep()
  await goOn(9_000)
  let arrive: () => void = () => undefined
  answers(() => new Promise((resolve) => (arrive = () => resolve(new Set(['a'])))))
  await goOn(12_000)
  arrive()
  answers(() => Promise.reject(new Error('no route')))
  await goOn(20_000)
  expect(lost).toEqual(['unreachable at 35000'])
})

test('a database that comes back in time is no loss at all', async () => {
  const { keep, goOn, answers, lost } = host()
  keep()
  await goOn(12_000)
  answers(() => Promise.reject(new Error('no route')))
  await goOn(20_000)
  answers(async () => new Set(['a']))
  await goOn(60_000)
  expect(lost).toEqual([])
})

test('a host that was paused for longer than its lease knows it before it does anything else', async () => {
  const { keep, goOn, pause, lost, sent, ticks } = host()
  keep()
  await goOn(5_000)
  await pause(60_000)
  // Of none that is kept the database is not asked.
  expect([lost, sent, ticks.size]).toEqual([['unreachable at 65000'], [], 0])
})

test('a host that slept while its clock stood still asks the database at once; a jump of the wall clock alone costs a question and no lease', async () => {
  const { keep, goOn, pause, answers, finds, lost, sent } = host()
  keep()
  await goOn(2_000)
  await pause(1_000, 3_600_000)
  expect([lost, sent]).toEqual([[], [3_000]])
  answers(async () => new Set())
  finds('taken')
  await goOn(1_000)
  await pause(1_000, 3_600_000)
  expect(lost).toEqual(['taken at 5000'])
})

test('a lease that was left out of a renewal though it is ours is asked for again at the next tick', async () => {
  const { keep, goOn, answers, lost, sent } = host()
  keep()
  await goOn(9_500)
  answers(async () => new Set())
  await goOn(3_000)
  expect(sent.length).toBe(3)
  answers(async () => new Set(['a']))
  await goOn(60_000)
  expect(lost).toEqual([])
})

test('one that ended by the database’s clock is lost when it says so', async () => {
  const { keep, goOn, answers, finds, lost } = host()
  keep()
  answers(async () => new Set())
  finds('ended')
  await goOn(11_000)
  expect(lost).toEqual(['ended at 10000'])
})

test('several leases are kept by one timer, until the last is given back; a loss of before does not end the one of now', async () => {
  const { keeper, goOn, answers, finds, lost, ticks } = host()
  const keep = (account: string, epoch: number) =>
    keeper.keep({ account, epoch, token: 't', onLost: (reason) => lost.push(`${account} ${epoch} ${reason}`) }, 0)
  keep('a', 1)
  keep('b', 1)
  expect([...ticks].map(({ every }) => every)).toEqual([1_000])
  keeper.drop('a')
  expect([ticks.size, keeper.leftMs('a'), keeper.leftMs('b')]).toEqual([1, 0, 25_000])
  let arrive: (renewed: ReadonlySet<string>) => void = () => undefined
  answers(() => new Promise((resolve) => (arrive = resolve)))
  finds('taken')
  await goOn(10_000)
  keeper.drop('b')
  keep('b', 2)
  arrive(new Set())
  await goOn(100)
  expect([lost, ticks.size]).toEqual([[], 1])
  keeper.drop('b')
  expect(ticks.size).toBe(0)
})
