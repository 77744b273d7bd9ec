import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AuthStore } from '../../../src/index.ts'
import type { Change } from '../../../src/stores/rows/index.ts'
import { rowAuthStore } from '../../../src/stores/rows/index.ts'
import { copyIntoRows } from '../../../src/stores/rows/transfer.ts'
import { silent } from '../../baileys/lines.ts'
import { lines, World } from '../../line/world.ts'
import { Memory, MemoryRows } from '../../memory-rows.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

/** Rows whose medium swallows each write of a session while it is told to, as a lost connection does. */
class LossyRows extends MemoryRows {
  swallows = false
  /** What was asked for, and can still be stored. */
  readonly swallowed: (() => Promise<void>)[] = []
  readonly #unanswered: (() => void)[] = []
  #told: () => void = () => undefined
  readonly #first = new Promise<void>((resolve) => {
    this.#told = resolve
  })

  override commit(changes: readonly Change[]): Promise<void> {
    if (!this.swallows || !changes.some(({ name }) => name.startsWith('session-'))) return super.commit(changes)
    this.swallowed.push(() => super.commit(changes))
    this.#told()
    return new Promise((resolve) => this.#unanswered.push(resolve))
  }

  /** libsignal keeps one queue for each address in the process: what is never answered would hold up other tests. */
  answer(): void {
    for (const resolve of this.#unanswered.splice(0)) resolve()
  }

  /** Resolves once something is. */
  get first(): Promise<void> {
    return this.#first
  }
}

// After openclaw/openclaw issue 73913: the store's own client waits for an answer that was lost on the way.
describe.each(today)('a store that lost a write, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `silent medium ${name}` })
    await world.linkedFolder()
  }, 60_000)
  const lossy: LossyRows[] = []
  afterEach(() => {
    for (const rows of lossy.splice(0)) rows.answer()
    return world.calm()
  })
  afterAll(() => world.close())

  async function stored() {
    const folder = await world.linkedFolder()
    const memory = new Memory()
    const moved = new MemoryRows(memory)
    await copyIntoRows(folder, { store: rowAuthStore({ rows: moved }), rows: moved }, {})
    const rows = new LossyRows(memory)
    lossy.push(rows)
    return { rows, memory, store: rowAuthStore({ rows }) }
  }

  test('holds up no connection but the one on which it was lost, and what comes of it later breaks nothing', async () => {
    const { rows, store } = await stored()
    const gateway = await world.newcomer({ store, policy: { liveness: { stuckMs: 900 } } }).up()
    const [ann, bea] = await world.friends(gateway, ['ann', 'bea'])
    if (!ann || !bea) throw new Error('nobody is there')
    rows.swallows = true
    await ann.send(gateway.number, 'is anybody there?')
    await gateway.soon(rows.first, 'a write')
    rows.swallows = false
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'store-silent')
    await gateway.until(() => gateway.texts.includes('is anybody there?'))
    await world.read(gateway, [ann, bea])
    // Now the medium stores what it had swallowed, over what is newer.
    for (const late of rows.swallowed) await late()
    await world.read(gateway, [ann, bea])
    await gateway.line.reconnect()
    await gateway.until('healthy')
    await world.read(gateway, [ann, bea])
    await world.chat(gateway, ann)
    expect(gateway.texts.filter((text) => text === 'is anybody there?')).toHaveLength(1)
    expect(gateway.told).not.toContain('relink-needed')
    await gateway.line.stop()

    // Baileys alone on the same rows: 7 reads it over another socket; 6 holds the lost write in libsignal's queue, and
    // behind that message it reads nobody's.
    const read: string[] = []
    const first = await alone(store, read)
    rows.swallows = true
    const lost = rows.swallowed.length
    await ann.send(gateway.number, 'and now?')
    while (rows.swallowed.length === lost) await new Promise(setImmediate)
    rows.swallows = false
    await first.end(undefined)
    const second = await alone(store, read)
    await bea.send(gateway.number, 'I am')
    // Twenty questions to the server and their answers: a message is read in the time of one.
    for (let asked = 0; asked < 20; asked += 1) await second.fetchPrivacySettings(true)
    if (name === 'v6') expect(read).toEqual([])
    else while (!(read.includes('and now?') && read.includes('I am'))) await second.fetchPrivacySettings(true)
    await second.end(undefined)
  })

  /** Baileys alone on that store. */
  async function alone(store: AuthStore, read: string[]) {
    await store.acquire()
    const { state, saveCreds } = await store.open()
    const socket = world.socket({ auth: state, logger: silent })
    socket.ev.on('creds.update', () => void saveCreds())
    socket.ev.on('messages.upsert', ({ messages }) => {
      for (const { message } of messages) read.push(message?.conversation ?? message?.extendedTextMessage?.text ?? '')
    })
    await new Promise<void>((resolve) => {
      socket.ev.on('connection.update', ({ connection }) => connection === 'open' && resolve())
    })
    return socket
  }
})
