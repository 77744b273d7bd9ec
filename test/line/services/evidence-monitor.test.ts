import { fc, test } from '@fast-check/vitest'
import { expect, test as plain } from 'vitest'
import { defaultPolicy } from '../../../machines/index.ts'
import { EvidenceMonitor } from '../../../src/line/services/evidence-monitor.ts'
import { numberOf } from '../../share.ts'

const step = fc.record({
  what: fc.constantFrom('failed', 'succeeded', 'succeeded', 'drained', 'pruned', 'pruned-all'),
  device: fc.integer({ min: 0, max: 3 }),
  id: fc.integer({ min: 0, max: 9 }),
  afterMs: fc.integer({ min: 0, max: 400_000 }),
})

test.prop([fc.array(step, { maxLength: 60 })], { numRuns: numberOf(500, 100) })(
  'a message that was read while none is awaited would have changed nothing',
  (steps) => {
    let now = 0
    const told: string[][] = []
    const [all, awaited] = [0, 1].map((which) => {
      const words: string[] = []
      told[which] = words
      const say = (word: unknown) => words.push(JSON.stringify(word))
      return new EvidenceMonitor(defaultPolicy.decrypt, { changed: say, proven: say }, () => now)
    }) as [EvidenceMonitor, EvidenceMonitor]
    for (const { what, device, id, afterMs } of steps) {
      now += afterMs
      const address = `${device}.0`
      const unread = { address, id: `${device}-${id}`, reason: 'bad-session', peer: false } as const
      if (what === 'succeeded') {
        if (awaited.awaitsSuccess) awaited.succeeded(address)
        all.succeeded(address)
      } else
        for (const monitor of [all, awaited]) {
          if (what === 'failed') monitor.failed(unread)
          else if (what === 'drained') monitor.drained(false)
          else monitor.pruned(what === 'pruned' ? [address] : 'all', [address])
        }
    }
    for (const monitor of [all, awaited]) monitor.stop()
    expect(awaited.assessment).toEqual(all.assessment)
    expect(told[1]).toEqual(told[0])
  },
)

plain('that a device can be read again is told once, after its session was set aside', () => {
  const told: string[] = []
  const listener = { changed: () => undefined, proven: (address: string) => told.push(address) }
  const monitor = new EvidenceMonitor(defaultPolicy.decrypt, listener, () => 0)
  expect(monitor.awaitsSuccess).toBe(false)
  monitor.failed({ address: '1.0', id: 'a', reason: 'bad-session', peer: false })
  monitor.pruned(['1.0'], ['1.0'])
  expect([monitor.awaitsSuccess, told]).toEqual([true, []])
  for (const address of ['2.0', '1.0', '1.0']) monitor.succeeded(address)
  expect(told).toEqual(['1.0'])
  monitor.stop()
})
