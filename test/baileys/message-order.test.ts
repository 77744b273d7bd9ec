import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepOrder } from '../../src/baileys/message-order.ts'
import type { SignalRepository } from '../../src/baileys/signal-repository.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const anna = 'anna@s.whatsapp.net'
const bert = 'bert@s.whatsapp.net'
const settled = () => vi.advanceTimersByTimeAsync(0)

/** A socket whose listener notes what it takes in, and takes as long over each as the test says. */
function ordered(parts: object = {}) {
  const ws = Object.assign(new EventEmitter(), { isOpen: true, isClosed: false })
  const operation = async () => undefined
  const signalRepository = {
    ...{ encryptMessage: operation, injectE2ESession: operation, encryptGroupMessage: operation },
    ...{ decryptMessage: operation, decryptGroupMessage: operation, processSenderKeyDistributionMessage: operation },
    jidToSignalProtocolAddress: (jid: string) => jid,
  }
  const messageMutex = { mutex: (work: () => Promise<unknown>) => work() }
  const taken: string[] = []
  const slow = new Map<string, Promise<void>>()
  const listener = async (node: { readonly attrs: { readonly id: string } }) => {
    await slow.get(node.attrs.id)
    taken.push(node.attrs.id)
  }
  ws.on('CB:message', listener)
  const socket = { ws, ev: new EventEmitter(), signalRepository, messageMutex, ...parts }
  const follow = keepOrder(socket as never)
  follow()
  const told = (id: string, from: string, attrs: object = {}, enc: Uint8Array | null = Buffer.from(id)) => {
    const content = enc ? [{ tag: 'enc', attrs: {}, content: enc }] : []
    ws.emit('CB:message', { attrs: { id, from, ...attrs }, content })
  }
  /** One of the backlog; what it returns has Baileys work it off. */
  const offline = (id: string, from: string) => {
    const msg = Buffer.from(id)
    told(id, from, { offline: '1' }, msg)
    const repository = socket.signalRepository as unknown as SignalRepository
    return (isDecrypted = true, more = async (): Promise<unknown> => undefined) =>
      socket.messageMutex.mutex(async () => {
        if (isDecrypted) await repository.decryptGroupMessage({ group: from, authorJid: from, msg })
        await more()
      })
  }
  const decrypts = (msg: Uint8Array) =>
    (socket.signalRepository as unknown as SignalRepository).decryptGroupMessage({ group: bert, authorJid: bert, msg })
  return { ws, listener, taken, slow, told, offline, decrypts }
}

test('a message is taken in after those of its sender in that chat, and beside all others', async () => {
  const { taken, slow, told } = ordered()
  let pass: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    pass = resolve
  })
  slow.set('a1', held)
  told('a1', anna)
  told('a2', anna)
  told('a3', anna, { participant: bert })
  told('b1', bert)
  await settled()
  expect(taken).toEqual(['a3', 'b1'])
  pass()
  await settled()
  expect(taken).toEqual(['a3', 'b1', 'a1', 'a2'])
})

test('one that stumbles keeps none behind it', async () => {
  const { taken, slow, told } = ordered()
  const failure = Promise.reject(new Error('no'))
  failure.catch(() => undefined)
  slow.set('a1', failure)
  const unheard = vi.fn()
  process.once('unhandledRejection', unheard)
  told('a1', anna)
  told('a2', anna)
  await settled()
  process.off('unhandledRejection', unheard)
  expect(taken).toEqual(['a2'])
})

test('a message waits for the backlog of its sender, worked off or passed over, and for that of nobody else', async () => {
  const { taken, told, offline } = ordered()
  const [first, , third] = [offline('a1', anna), offline('a2', anna), offline('b1', bert)]
  await settled()
  expect(taken.splice(0)).toEqual(['a1', 'a2', 'b1'])
  told('a3', anna)
  told('c1', 'carl@s.whatsapp.net')
  await settled()
  expect(taken.splice(0)).toEqual(['c1'])
  await first()
  await third(false)
  await settled()
  expect(taken).toEqual([])
  // What was before it is over as well.
  await third()
  await settled()
  expect(taken).toEqual(['a3'])
  expect(vi.getTimerCount()).toBe(0)
})

test('the backlog of Baileys 6, which has one queue for all that comes in, is waited for as well', async () => {
  const processingMutex = { mutex: (work: () => Promise<unknown>) => work() }
  const { ws, taken, told } = ordered({ messageMutex: undefined, processingMutex })
  told('a1', anna, { offline: '1' })
  told('a2', anna)
  await settled()
  expect(taken).toEqual(['a1'])
  ws.emit('close')
  await settled()
  expect(taken).toEqual(['a1', 'a2'])
})

test('what else is decrypted for a message of the backlog does not keep that from being over', async () => {
  const { taken, told, offline, decrypts } = ordered()
  const work = offline('a1', anna)
  await settled()
  told('a2', anna)
  await settled()
  expect(taken).toEqual(['a1'])
  await work(true, () => decrypts(Buffer.from('of nobody')))
  await settled()
  expect(taken).toEqual(['a1', 'a2'])
})

test('half a minute in which nothing of the backlog is taken in is enough, and each that is gives another', async () => {
  const { taken, told, offline } = ordered()
  const first = offline('b1', bert)
  offline('a1', anna)
  await settled()
  taken.length = 0
  told('a2', anna)
  await vi.advanceTimersByTimeAsync(20_000)
  await first()
  await vi.advanceTimersByTimeAsync(39_999)
  expect(taken).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(taken).toEqual(['a2'])
  expect(vi.getTimerCount()).toBe(0)
})

test('nobody waits for the backlog of a connection that is closed, or for what nothing can be decrypted of', async () => {
  const { ws, taken, told, offline } = ordered()
  offline('a1', anna)
  told('b1', bert, { offline: '1' }, null)
  told('b2', bert)
  told('a2', anna)
  await settled()
  expect(taken).toEqual(['a1', 'b1', 'b2'])
  ws.emit('close')
  await settled()
  expect([taken.at(-1), vi.getTimerCount()]).toEqual(['a2', 0])
})

test.each([[{ messageMutex: {} }], [{ signalRepository: {} }]])(
  'without a queue, or another repository, there is no backlog to wait for: %j',
  async (parts) => {
    const { taken, told } = ordered(parts)
    told('a1', anna, { offline: '1' })
    told('a2', anna)
    await settled()
    expect(taken).toEqual(['a1', 'a2'])
  },
)

test('the listener of Baileys can be taken off as before, and a transport of another kind is left as it is', async () => {
  const { ws, listener, taken, told } = ordered()
  ws.off('CB:message', listener as never)
  told('a1', anna)
  await settled()
  expect(taken).toEqual([])
  const once = new EventEmitter()
  const never = vi.fn()
  once.once('CB:message', never)
  keepOrder({ ws: once } as never)
  once.off('CB:message', never)
  once.emit('CB:message', {})
  await settled()
  expect(never).not.toHaveBeenCalled()
  const other = { on: vi.fn(), off: vi.fn() }
  keepOrder({ ws: other } as never)()
  expect(other.on).not.toHaveBeenCalled()
})
