import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore, type OpenAuth } from '../../../src/index.ts'
import { silent } from '../../baileys/lines.ts'
import { storeWith } from '../../line/stores.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

type Get = (type: never, ids: string[]) => unknown
type Set = (data: never) => unknown

/** Reads, or writes, of sessions that are never answered while it is told so. */
class Silence {
  /** What was asked and had no answer. */
  unanswered = 0
  readonly #of: 'get' | 'set'
  #on = false
  #later: (() => void)[] = []

  constructor(of: 'get' | 'set' = 'get') {
    this.#of = of
  }

  begin(): void {
    this.#on = true
  }

  /** What is asked from now on is answered; what was asked before is not. */
  end(): void {
    this.#on = false
  }

  /** Now that is, too. */
  answer(): void {
    for (const answer of this.#later.splice(0)) answer()
  }

  over<Keys extends { get: Get; set: Set }>(keys: Keys): Keys {
    const get: Get = (type, ids) =>
      this.#of === 'get' && String(type) === 'session' ? this.#held(() => keys.get(type, ids)) : keys.get(type, ids)
    const set: Set = (data) =>
      this.#of === 'set' && 'session' in data ? this.#held(() => keys.set(data)) : keys.set(data)
    return { ...keys, get, set } as Keys
  }

  #held(step: () => unknown): unknown {
    if (!this.#on) return step()
    this.unanswered += 1
    return new Promise((resolve, reject) => {
      this.#later.push(() => void Promise.resolve(step()).then(resolve, reject))
    })
  }
}

// The project's own trials in November 2026, after openclaw/openclaw issues 14146 and 73913: what hung in libsignal's
// queue, which is one for each address in the whole process, held up the sockets that came after it.
describe.each(today)('a store that never answers, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `silent store ${name}` })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  /** A gateway on such a store, a friend of it, and the texts that he sends while the store is silent. */
  async function silenced(silence: Silence, methods: (opened: OpenAuth) => Partial<OpenAuth> = () => ({})) {
    const folder = await world.linkedFolder()
    const real = fileAuthStore(folder)
    const store = storeWith(real, {
      open: async () => {
        const opened = await real.open()
        const state = { ...opened.state, keys: silence.over(opened.state.keys) }
        return { ...opened, state, ...methods(opened) }
      },
    })
    const gateway = world.newcomer({ store, policy: { liveness: { stuckMs: 900 } } }, folder)
    await gateway.up()
    const [friend] = await world.friends(gateway, ['ann'])
    if (!friend) throw new Error('nobody is there')
    return { folder, gateway, friend, texts: ['one', 'two', 'three'].map((text) => `${text} ${name}`) }
  }

  /** Baileys alone on that folder; resolves when it has what had waited. */
  async function alone(folder: string, silence: Silence, onText: (text: string) => void) {
    const { state, saveCreds } = await baileys.useMultiFileAuthState(folder)
    const socket = world.socket({ auth: { ...state, keys: silence.over(state.keys) }, logger: silent })
    socket.ev.on('creds.update', () => void saveCreds())
    socket.ev.on('messages.upsert', ({ messages }) => {
      for (const { message } of messages) onText(message?.conversation ?? message?.extendedTextMessage?.text ?? '')
    })
    await new Promise<void>((resolve) => {
      socket.ev.on('connection.update', ({ connection }) => connection === 'open' && resolve())
    })
    return socket
  }

  test('the link is dropped with that cause, and the next socket reads as soon as the store answers; Baileys alone needs a new process', async () => {
    const silence = new Silence()
    const { folder, gateway, friend, texts } = await silenced(silence)
    silence.begin()
    for (const text of texts) await friend.send(gateway.number, text)
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'store-silent')
    const dropped = gateway.statuses.find(({ lastClose }) => lastClose?.cause.kind === 'store-silent')
    expect(dropped?.messagesWaiting).toBeGreaterThan(0)
    expect(gateway.line.status.message).toContain('The store of the credentials did not answer')
    expect(gateway.line.history()).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/store has not answered a read of keys within 0\.6 s/),
      }),
    )
    silence.end()
    await gateway.until(() => texts.every((text) => gateway.texts.includes(text)))
    expect(silence.unanswered).toBeGreaterThan(0)
    expect(gateway.texts.filter((text) => texts.includes(text))).toEqual(texts)
    expect(gateway.told).not.toContain('sessions-pruned')
    expect(gateway.line.status.messagesWaiting).toBeUndefined()
    await gateway.line.stop()

    // The same on Baileys alone, with a socket of its own after the store answers again.
    const read = new Set<string>()
    let look: () => void = () => undefined
    const onText = (text: string) => {
      read.add(text)
      look()
    }
    const until = (text: string) =>
      new Promise<void>((resolve) => {
        look = () => read.has(text) && resolve()
        look()
      })
    const first = await alone(folder, silence, onText)
    // With the first message of a socket 7 also looks for a session to move, outside of libsignal's queue.
    if (name === 'v7') {
      await friend.send(gateway.number, `warm ${name}`)
      await until(`warm ${name}`)
    }
    silence.begin()
    const before = silence.unanswered
    await friend.send(gateway.number, `four ${name}`)
    while (silence.unanswered === before) await new Promise(setImmediate)
    silence.end()
    await first.end(undefined)
    const second = await alone(folder, silence, onText)
    // Twenty questions to the server and their answers: a message is read in the time of one.
    for (let asked = 0; asked < 20; asked += 1) await second.fetchPrivacySettings(true)
    expect(read.has(`four ${name}`)).toBe(false)
    silence.answer()
    await second.end(undefined)
  })

  test('a write that has no answer is told, nothing is acknowledged that was not stored, and the next socket reads all of it once', async () => {
    const silence = new Silence('set')
    const { folder, gateway, friend, texts } = await silenced(silence)
    silence.begin()
    for (const text of texts) await friend.send(gateway.number, text)
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'store-silent')
    expect(gateway.texts.filter((text) => texts.includes(text))).toEqual([])
    expect(gateway.line.history()).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/not answered a write of keys within 0\.6 s/) }),
    )
    silence.end()
    await gateway.until(() => texts.every((text) => gateway.texts.includes(text)))
    expect(gateway.texts.filter((text) => texts.includes(text))).toEqual(texts)
    expect(gateway.told).not.toContain('sessions-pruned')
    await world.chat(gateway, friend)
    await gateway.line.stop()

    // Baileys alone: 7 reads it over another socket, once somebody opens one; 6 writes in libsignal's queue, and never.
    const read: string[] = []
    const socket = await alone(folder, silence, (text) => read.push(text))
    const before = silence.unanswered
    silence.begin()
    await friend.send(gateway.number, `five ${name}`)
    while (silence.unanswered === before) await new Promise(setImmediate)
    for (let asked = 0; asked < 20; asked += 1) await socket.fetchPrivacySettings(true)
    expect(read).not.toContain(`five ${name}`)
    silence.end()
    await socket.end(undefined)
    const second = await alone(folder, silence, (text) => read.push(text))
    // Twenty questions to the server and their answers: a message is read in the time of one.
    for (let asked = 0; asked < 20; asked += 1) await second.fetchPrivacySettings(true)
    if (name === 'v6') expect(read).not.toContain(`five ${name}`)
    else while (!read.includes(`five ${name}`)) await second.fetchPrivacySettings(true)
    silence.answer()
    await second.end(undefined)
  })

  test('a save of the credentials that has no answer is told, and the next socket saves again', async () => {
    let silent = false
    let saves = 0
    const { gateway } = await silenced(new Silence(), ({ saveCreds }) => ({
      saveCreds: () => {
        if (silent) return new Promise<void>(() => undefined)
        saves += 1
        return saveCreds()
      },
    }))
    silent = true
    gateway.sockets.at(-1)?.ev.emit('creds.update', {})
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'store-silent')
    expect(gateway.line.history()).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/not answered a save of the credentials within 0\.6 s/),
      }),
    )
    silent = false
    const before = saves
    await gateway.until('healthy')
    gateway.sockets.at(-1)?.ev.emit('creds.update', {})
    await gateway.until(() => saves > before)
  })
})
