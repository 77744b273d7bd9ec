import { EventEmitter } from 'node:events'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { watchRetryTurns } from '../../src/baileys/retry-turn.ts'

// What both lines do with a receipt, in their order; that they do is seen in test/lifeline/resend.test.ts, on real
// sockets.

const retry = (id: string): BinaryNode => ({
  tag: 'receipt',
  attrs: { id, from: '4915@s.whatsapp.net', type: 'retry' },
  content: [{ tag: 'retry', attrs: { count: '1' } }],
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe.each(['receiptMutex', 'processingMutex'] as const)('with a socket whose receipts wait in its %s', (name) => {
  const ws = new EventEmitter()
  let last: Promise<unknown> = Promise.resolve()
  let queue: { mutex: (work: () => Promise<unknown>) => Promise<unknown> }
  let repository: Record<string, (given?: unknown) => Promise<unknown>>
  /** What Baileys does with a receipt, by its id. */
  let handled: Record<string, () => Promise<unknown>>
  let told: string[]
  let stop: () => void
  let whileThrough: () => Promise<void>

  const handle = ({ attrs, content }: BinaryNode) =>
    queue.mutex(async () => {
      await settled()
      return [await handled[attrs.id ?? '']?.(), content]
    })
  const baileys = (node: BinaryNode): void => {
    // What came while the account was away waits in a queue of its own.
    if (node.attrs.offline === undefined) void handle(node).catch(() => undefined)
  }

  beforeEach(() => {
    last = Promise.resolve()
    told = []
    handled = {}
    whileThrough = async () => undefined
    queue = {
      mutex(work) {
        last = last.then(work, work)
        return last
      },
    }
    repository = {
      encryptMessage: async () => 'sealed',
      encryptGroupMessage: async () => 'sealed for all',
      injectE2ESession: async () => 'begun',
    }
    ws.on('CB:receipt', baileys)
    const socket = { ws, [name]: queue, signalRepository: repository }
    stop = watchRetryTurns(socket as never, async ({ attrs }, { answered, begun }) => {
      told.push(`${attrs.id} ${answered ? 'answered' : 'not answered'} ${[...begun.keys()].join()}`.trim())
      await whileThrough()
    })
  })
  afterEach(async () => {
    await last.catch(() => undefined)
    stop()
    ws.off('CB:receipt', baileys)
    expect(ws.listenerCount('CB:receipt')).toBe(0)
  })

  test('each question is told of when Baileys is through with it, and what it made of it', async () => {
    handled = {
      sealed: async () => repository.encryptMessage?.(),
      'sealed for all': async () => repository.encryptGroupMessage?.(),
      begun: async () => repository.injectE2ESession?.({ jid: '4915@s.whatsapp.net', session: {} }),
    }
    for (const id of ['nothing', 'sealed', 'sealed for all', 'begun']) ws.emit('CB:receipt', retry(id))
    expect(told).toEqual([])
    await last
    expect(told).toEqual([
      'nothing not answered',
      'sealed answered',
      'sealed for all answered',
      'begun not answered 4915@s.whatsapp.net',
    ])
  })

  test('the next piece of the queue waits until what is done about a question is done', async () => {
    const order: string[] = []
    whileThrough = async () => {
      await settled()
      order.push('done about it')
    }
    ws.emit('CB:receipt', retry('M1'))
    await queue.mutex(async () => order.push('the next'))
    expect(order).toEqual(['done about it', 'the next'])
  })

  test('what the owner sends meanwhile is no answer', async () => {
    handled = { M1: settled }
    ws.emit('CB:receipt', retry('M1'))
    const sealed = repository.encryptMessage?.()
    await last
    expect(await sealed).toBe('sealed')
    expect(told).toEqual(['M1 not answered'])
  })

  test('one that waited while the account was away is known when its turn comes, and others in between are not taken for it', async () => {
    const waiting = { ...retry('M1'), attrs: { ...retry('M1').attrs, offline: '1' } }
    ws.emit('CB:receipt', waiting)
    await queue.mutex(async () => 'a message')
    ws.emit('CB:receipt', { tag: 'receipt', attrs: { id: 'M0', from: 'x' } })
    await last
    expect(told).toEqual([])
    await handle(waiting)
    expect(told).toEqual(['M1 not answered'])
  })

  test('a listener of the owner that looks into it changes nothing, and sees what came', async () => {
    const seen: unknown[] = []
    const looks = (node: BinaryNode) => seen.push(node.content, { ...node }.content)
    ws.prependListener('CB:receipt', looks)
    ws.on('CB:receipt', looks)
    const waiting = { ...retry('M1'), attrs: { ...retry('M1').attrs, offline: '1' } }
    const { content } = waiting
    ws.emit('CB:receipt', waiting)
    await settled()
    await queue.mutex(async () => 'a message')
    expect(told).toEqual([])
    ws.off('CB:receipt', looks)
    ws.off('CB:receipt', looks)
    expect(seen).toEqual(Array(4).fill(content))
    await handle(waiting)
    expect([told, waiting.content]).toEqual([['M1 not answered'], content])
  })

  test('work that fails, and what is done about a question and fails, end as they did', async () => {
    handled = { fails: () => Promise.reject(new Error('no')) }
    ws.emit('CB:receipt', retry('fails'))
    await expect(last).rejects.toThrow('no')
    expect(told).toEqual([])
    whileThrough = () => Promise.reject(new Error('not sent'))
    ws.emit('CB:receipt', retry('M1'))
    expect(await last).toMatchObject([undefined, [{ tag: 'retry' }]])
    expect(told).toEqual(['M1 not answered'])
  })

  test('whoever has replaced the method of the queue since keeps it, and for nothing more is told afterwards', async () => {
    const ours = queue.mutex
    const theirs: typeof ours = (work) => ours(work)
    queue.mutex = theirs
    const waiting = { ...retry('M1'), attrs: { ...retry('M1').attrs, offline: '1' } }
    ws.emit('CB:receipt', waiting)
    stop()
    await handle(waiting)
    expect([queue.mutex === theirs, told]).toEqual([true, []])
  })

  test('afterwards nothing is told, and the socket has its own methods again', async () => {
    const { encryptMessage } = repository
    stop()
    expect(repository.encryptMessage).not.toBe(encryptMessage)
    ws.emit('CB:receipt', retry('M1'))
    await last
    expect(told).toEqual([])
  })
})

test('a socket without a queue for receipts, or with a transport that is none, is left as it is', () => {
  const repository = { encryptMessage: async () => 'sealed' }
  const before = { ...repository }
  for (const receiptMutex of [undefined, null, 7]) {
    const ws = new EventEmitter()
    const off = watchRetryTurns({ ws, receiptMutex, signalRepository: repository } as never, async () => undefined)
    expect(ws.eventNames()).toEqual([])
    off()
  }
  const bare = { ws: { on: () => undefined, off: () => undefined }, receiptMutex: { mutex: async () => undefined } }
  watchRetryTurns({ ...bare, signalRepository: repository } as never, async () => undefined)()
  expect(repository).toEqual(before)
})
