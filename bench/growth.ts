import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { defaultPolicy } from '../machines/index.ts'
import { muteConsole } from '../src/baileys/muted-console.ts'
import { trimSession } from '../src/baileys/session-trim.ts'
import { giveSessionsTurns } from '../src/baileys/session-turns.ts'
import { fileAuthStore } from '../src/index.ts'
import { DiskWatch } from '../src/line/services/disk-watch.ts'
import { guardedAuth } from '../src/line/services/guarded-auth.ts'
import { learnProtocol } from '../src/rehearsal/fake-whatsapp/protocol.ts'
import { closedPort } from '../test/baileys/lines.ts'
import { Correspondent, encrypt, type MemoryKeys, party } from '../test/baileys/party.ts'
import { newFolder } from './account.ts'
import { ms, ratioOf, rounds, timed } from './rounds.ts'
import type { Row } from './table.ts'

/** `LIFELINE_BENCH_TURNS=200` for less. */
const turns = Number(process.env.LIFELINE_BENCH_TURNS ?? 2_000)
const sends = Math.round(turns * 1.05)
const measured = 20
const arms = ['alone', 'supervised'] as const
type Arm = (typeof arms)[number]
const lines = [
  { line: '7', baileys: v7 },
  { line: '6', baileys: v6 as unknown as typeof v7 },
]

const number = '4915100000001'
const account = '491700000001.1'
const group = '120363000000000001@g.us'
const me = '491700000001:1@s.whatsapp.net'

/** What messages cost once there have been many, each arm on its own store of files; ours is durable. */
export async function growth(): Promise<Row[]> {
  await learnProtocol([v7])
  const unmute = muteConsole()
  const root = await newFolder()
  try {
    const rows: Row[] = []
    for (const one of lines) rows.push(...(await ofLine(join(root, one.line), one)))
    return rows
  } finally {
    unmute()
    await rm(root, { recursive: true, force: true })
  }
}

async function ofLine(root: string, { line, baileys }: (typeof lines)[number]): Promise<Row[]> {
  const url = await closedPort()
  const [alone, supervised] = [await grown(baileys, url, root, 'alone'), await grown(baileys, url, root, 'supervised')]
  const of: Record<Arm, Grown> = { alone, supervised }
  const read = await rounds(5, arms, (arm) => of[arm].read(measured))
  const sent = await rounds(5, arms, (arm) => of[arm].send(measured))
  for (const arm of arms) await of[arm].end()
  const each = (times: readonly number[]) => ms(times.map((time) => time / measured))
  const grownFrom = (first: number, times: readonly number[]) => `${each([first])} at first, ${each(times)} now`
  return [
    {
      what: `Baileys ${line}: a message after ${turns} turns with one contact, read and answered from there`,
      ours: `${grownFrom(supervised.first.read, read.supervised)}, session of ${supervised.bytes.session} bytes, durable`,
      beside: `Baileys alone, useMultiFileAuthState: ${grownFrom(alone.first.read, read.alone)}, session of ${alone.bytes.session} bytes`,
      ratio: ratioOf(read.supervised, read.alone),
      target: '≤ 0.2',
    },
    {
      what: `Baileys ${line}: a send to a group after ${sends} messages`,
      ours: `${grownFrom(supervised.first.sent, sent.supervised)}, sender key of ${supervised.bytes.senderKey} bytes, durable`,
      beside: `Baileys alone, useMultiFileAuthState: ${grownFrom(alone.first.sent, sent.alone)}, sender key of ${alone.bytes.senderKey} bytes`,
      ratio: ratioOf(sent.supervised, sent.alone),
      target: '≤ 0.3',
    },
  ]
}

interface Grown {
  readonly bytes: { readonly session: number; readonly senderKey: number }
  /** Milliseconds that the first so many messages took to read, and the first so many to send. */
  readonly first: { readonly read: number; readonly sent: number }
  /** Milliseconds for reading so many messages, each after an answer. */
  read(count: number): Promise<number>
  /** Milliseconds for sending so many to the group. */
  send(count: number): Promise<number>
  end(): Promise<void>
}

async function grown(baileys: typeof v7, url: string, root: string, arm: Arm): Promise<Grown> {
  const { keys, close } = await opened(baileys, join(root, arm), arm)
  await keys.set({ 'lid-mapping': { [number]: `9${number}` } } as never)
  // Baileys' own socket, which nobody answers: its key store and its Signal are all that is measured.
  const mine = party(baileys, url, keys as unknown as MemoryKeys)
  if (arm === 'supervised') giveSessionsTurns(mine.socket)
  const friend = new Correspondent(number)
  await friend.meet(mine)
  const read = async (text: string) => {
    const { type, body } = await friend.peer.encrypt(account, Buffer.from(text))
    const args = { jid: friend.jid, type, ciphertext: body }
    return timed(async () => mine.repository.decryptMessage(args))
  }
  const turn = async (at: number) => {
    const time = await read(`in ${at}`)
    await friend.read(await encrypt(mine, friend.jid, `out ${at}`))
    return time
  }
  const repository = mine.repository as unknown as { encryptGroupMessage(args: unknown): Promise<unknown> }
  const send = async (at: number) => {
    const sending = async () => repository.encryptGroupMessage({ group, meId: me, data: Buffer.from(`message ${at}`) })
    return timed(async () => mine.socket.authState.keys.transaction?.(sending, me))
  }
  const sum = async (count: number, step: (at: number) => Promise<number>) => {
    let total = 0
    for (let at = 0; at < count; at += 1) total += await step(at)
    return total
  }
  // V8 has compiled nothing yet, so the very first ones say little.
  await sum(measured, turn)
  const firstRead = await sum(measured, turn)
  await sum(measured, send)
  const first = { read: firstRead, sent: await sum(measured, send) }
  for (let at = 2 * measured; at < turns; at += 1) {
    await turn(at)
    // The contact's side is not measured, and should not take its time.
    const session = friend.peer.session(account)
    if (at % 50 === 0 && session && trimSession(session, defaultPolicy.trim))
      friend.peer.replaceSession(account, session)
  }
  await sum(sends - 2 * measured, send)
  const size = async (type: 'session' | 'sender-key', ids: string[]) =>
    Math.max(...Object.values(await keys.get(type, ids)).map(bytesOf))
  const bytes = {
    session: await size('session', [friend.address, `9${number}_1.0`]),
    senderKey: await size('sender-key', [`${group}::491700000001::1`]),
  }
  return {
    bytes,
    first,
    read: (count) => sum(count, turn),
    send: (count) => sum(count, send),
    end: async () => {
      await mine.socket.end(undefined)
      await close()
    },
  }
}

const bytesOf = (value: unknown): number =>
  value instanceof Uint8Array ? value.length : JSON.stringify(value ?? '').length

async function opened(baileys: typeof v7, folder: string, arm: Arm) {
  if (arm === 'alone') {
    const { state, saveCreds } = await baileys.useMultiFileAuthState(folder)
    await saveCreds()
    return { keys: state.keys, close: async () => undefined }
  }
  const store = fileAuthStore(folder)
  await store.acquire()
  const auth = await store.open({ mint: true })
  await auth.saveCreds()
  const nothing = () => undefined
  const disk = new DiskWatch({ tell: nothing, report: nothing, tryWrite: async () => undefined })
  const { state } = guardedAuth(auth, disk, nothing, defaultPolicy.trim)
  return {
    keys: state.keys,
    close: async () => {
      await auth.close()
      await store.release()
    },
  }
}
