import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { silent } from '../baileys/lines.ts'
import { storeWith } from '../line/stores.ts'
import { lines, World } from '../line/world.ts'
import { inTurn } from '../share.ts'

const today = inTurn(lines, import.meta.url)

type Get = (type: never, ids: string[]) => unknown

/** Reads of sessions that are never answered while it is told so. */
class Silence {
  /** Reads without an answer. */
  unanswered = 0
  #on = false
  #later: (() => void)[] = []

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

  over<Keys extends { get: Get }>(keys: Keys): Keys {
    const get: Get = (type, ids) => {
      if (!this.#on || String(type) !== 'session') return keys.get(type, ids)
      this.unanswered += 1
      return new Promise((resolve, reject) => {
        this.#later.push(() => void Promise.resolve(keys.get(type, ids)).then(resolve, reject))
      })
    }
    return { ...keys, get } as Keys
  }
}

// The project's own trials in November 2026, after openclaw/openclaw issues 14146 and 73913: what hung in libsignal's
// queue, which is one for each address in the whole process, held up the sockets that came after it.
describe.each(today)('a store that never answers a read, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `silent store ${name}` })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

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
    const folder = await world.linkedFolder()
    const real = fileAuthStore(folder)
    const silence = new Silence()
    const store = storeWith(real, {
      open: async () => {
        const opened = await real.open()
        return { ...opened, state: { ...opened.state, keys: silence.over(opened.state.keys) } }
      },
    })
    const gateway = world.newcomer({ store, policy: { liveness: { stuckMs: 900 } } }, folder)
    await gateway.up()
    const [friend] = await world.friends(gateway, ['ann'])
    if (!friend) throw new Error('nobody is there')
    silence.begin()
    const texts = ['one', 'two', 'three'].map((text) => `${text} ${name}`)
    for (const text of texts) await friend.send(gateway.number, text)
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'store-silent')
    const dropped = gateway.statuses.find(({ lastClose }) => lastClose?.cause.kind === 'store-silent')
    expect(dropped?.messagesWaiting).toBeGreaterThan(0)
    expect(gateway.line.status.message).toContain('The store of the credentials did not answer a read')
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
})
