import { EventEmitter } from 'node:events'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ReceiptHandlers, watchReceipts } from '../../src/baileys/receipt-watch.ts'

const self = { id: '4917:3@s.whatsapp.net', lid: '777:3@lid' }
const deferred = <T>() => {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

describe.each(['v6', 'v7'] as const)('receipts over a socket of %s', (line) => {
  const ws = new EventEmitter()
  let told: string[] = []
  let awaited = true
  let lookUps: ReturnType<typeof deferred<object>>[] = []
  let throws = false
  let stop: () => void = () => undefined

  beforeEach(() => {
    told = []
    awaited = true
    throws = false
    lookUps = []
    const keys = {
      get: () => {
        const asked = deferred<object>()
        lookUps.push(asked)
        return asked.promise
      },
    }
    const sock = { ws, authState: { keys }, signalRepository: line === 'v7' ? { lidMapping: {} } : {} }
    const handlers: ReceiptHandlers = {
      awaitsReached: () => awaited,
      onRetry: ({ id, count }, address) => {
        told.push(`${address} asks for ${id} (${count})`)
        if (throws) throw new Error('no')
      },
      onReached: (ids, address) => told.push(`${address} has ${ids.join()}`),
    }
    stop = watchReceipts(sock as never, () => self, handlers)
  })
  afterEach(() => {
    stop()
    expect(ws.listenerCount('CB:receipt')).toBe(0)
  })

  const comes = (attrs: Record<string, string>, content: BinaryNode[] = []) =>
    ws.emit('CB:receipt', { tag: 'receipt', attrs: { id: 'M1', ...attrs }, content })
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  test('are told with the Signal address of the device', async () => {
    comes({ from: '99:2@lid', type: 'retry' })
    comes({ from: '99:2@lid' })
    const address = line === 'v7' ? '99_1.2' : '99.2'
    expect(told).toEqual([`${address} asks for M1 (1)`, `${address} has M1`])
  })

  test('of what was read are told only while somebody waits for them; questions always', () => {
    awaited = false
    comes({ from: '99@lid' })
    comes({ from: '99@lid', type: 'retry' })
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('asks for')
  })

  test('of an unknown shape, and handlers that throw, harm nothing', () => {
    throws = true
    for (const odd of [undefined, null, 'x', {}, { attrs: null }, { attrs: { id: 'M', from: 'x', type: 'retry' } }])
      ws.emit('CB:receipt', odd)
    comes({ from: '99@lid', type: 'retry' })
    throws = false
    comes({ from: '99@lid', type: 'retry' })
    expect(told.length).toBeGreaterThanOrEqual(2)
  })

  test('tell nothing more once nobody watches', async () => {
    comes({ from: '4915@s.whatsapp.net', type: 'retry' })
    stop()
    told = []
    for (const asked of lookUps) asked.resolve({ '4915': '99' })
    await settled()
    comes({ from: '99@lid', type: 'retry' })
    expect(told).toEqual([])
  })

  if (line === 'v6')
    test('of a number and of a LID are two addresses', () => {
      comes({ from: '4915:1@s.whatsapp.net', type: 'retry' })
      expect(told).toEqual(['4915.1 asks for M1 (1)'])
    })
  else
    test('of a number are those of its LID, once looked up; what comes meanwhile is told after it', async () => {
      comes({ from: '4915:1@s.whatsapp.net', type: 'retry' })
      comes({ from: '99:1@lid' })
      comes({ from: '4916@s.whatsapp.net', type: 'retry' })
      await settled()
      expect(told).toEqual([])
      lookUps[0]?.resolve({ '4915': '99' })
      await settled()
      expect(told).toEqual(['99_1.1 asks for M1 (1)', '99_1.1 has M1'])
      lookUps[1]?.resolve({})
      await settled()
      expect(told.at(-1)).toBe('4916.0 asks for M1 (1)')
      // Known now; a number without a LID may still get one.
      comes({ from: '4915:1@s.whatsapp.net', type: 'retry' })
      expect(told.at(-1)).toBe('99_1.1 asks for M1 (1)')
      comes({ from: '4916@s.whatsapp.net', type: 'retry' })
      await settled()
      expect(told).toHaveLength(4)
      lookUps[2]?.resolve({ '4916': '98' })
      await settled()
      expect(told.at(-1)).toBe('98_1.0 asks for M1 (1)')
    })
})
