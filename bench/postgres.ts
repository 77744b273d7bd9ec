import * as baileys from '@whiskeysockets/baileys'
import { startFakeWhatsApp } from '../src/rehearsal/fake-whatsapp/index.ts'
import { connectPostgres, migrate } from '../src/stores/postgres/index.ts'
import { silentLogger } from '../test/silent-logger.ts'
import { startServer } from '../test/stores/postgres/server.ts'
import { linkedFolder } from './account.ts'
import { type Arm, type ArmDatabase, armDatabase, arms, type OpenArm, openArm } from './postgres/arms.ts'
import { type CountedWay, countedWay } from './postgres/counted-way.ts'
import { ms, ratioOf, rounds, timed } from './rounds.ts'
import { preKeys } from './stores/arms.ts'
import { median, type Row } from './table.ts'

const uploaded = 812
const written = 500
const messages = 200
const accounts = 50
const each = 20

const ours = ['ours', 'sealed'] as const
const others = ['naive', 'files'] as const
const names: Readonly<Record<Arm, string>> = {
  ours: 'plain rows',
  sealed: 'encrypted rows',
  naive: 'naive store (one upsert a key)',
  files: 'Baileys on files',
}

/** What an account in PostgreSQL costs, beside Baileys on files and beside the store that is usually written first. */
export const postgres = (): Promise<readonly Row[]> => onServer(accountRows)

/** Many accounts of one process; linking them takes minutes. */
export const postgresAccounts = (): Promise<readonly Row[]> => onServer(manyRows)

interface Place {
  readonly way: CountedWay
  readonly databaseOf: (arm: Arm) => ArmDatabase
  /** A linked account that is connected through an arm's store and has met the contact. */
  readonly linked: (arm: Arm) => Promise<OpenArm & { readonly number: string; readonly end: () => Promise<void> }>
  /** Sends an account messages, one after the other; each is decrypted and acknowledged before the next. */
  readonly send: (number: string, count: number) => Promise<void>
}

async function onServer(measure: (place: Place) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const server = await startServer({ durable: true }).catch((error: unknown) => {
    console.log(`\nno PostgreSQL could be started, so its figures are left out: ${String(error)}`)
  })
  if (!server) return []
  const fake = await startFakeWhatsApp()
  const way = await countedWay(await server.newDatabase())
  const databases = new Map<Arm, ArmDatabase>(arms.map((arm) => [arm, armDatabase(way.url)]))
  const databaseOf = (arm: Arm): ArmDatabase => {
    const database = databases.get(arm)
    if (!database) throw new Error(`no database for ${arm}`)
    return database
  }
  const contact = fake.contact('bench')
  const send = async (number: string, count: number) => {
    for (let at = 0; at < count; at += 1) await (await contact.send(number, `message ${at}`)).delivered()
  }
  let numbers = 0
  const linked = async (arm: Arm) => {
    const number = `4917${String(++numbers).padStart(8, '0')}`
    const account = await openArm(arm, await linkedFolder(fake, number), number, databaseOf(arm))
    const sock = await connected(fake, account)
    // The first message sets the session up; what is counted comes after it.
    await send(number, 1)
    const end = async () => {
      sock.end(undefined)
      await account.close()
    }
    return { ...account, number, end }
  }
  try {
    await migrate(connectPostgres({ pool: databaseOf('ours').pool }))
    return await measure({ way, databaseOf, linked, send })
  } finally {
    for (const database of databases.values()) await database.end()
    way.close()
    await fake.stop()
    await server.stop()
  }
}

async function accountRows({ way, databaseOf, linked, send }: Place): Promise<readonly Row[]> {
  const one = new Map<Arm, Awaited<ReturnType<Place['linked']>>>()
  for (const arm of arms) one.set(arm, await linked(arm))
  const set = await rounds(5, arms, (arm, round) =>
    timed(async () => one.get(arm)?.state.keys.set(preKeys(uploaded, 10_000 + round * uploaded))),
  )
  const sessions = await rounds(5, arms, (arm, round) =>
    timed(async () => {
      for (let at = 0; at < written; at += 1)
        await one.get(arm)?.state.keys.set({ session: { [`49${at % 100}.0`]: sessionOf(round) } })
    }),
  )
  const costs = new Map<Arm, { readonly queries: number; readonly bytes: number; readonly ms: number }>()
  for (const arm of arms) {
    const [queries, bytes] = [databaseOf(arm).queries(), way.bytes()]
    const took = await timed(() => send(one.get(arm)?.number ?? '', messages))
    const count = (to: number, from: number) => (to - from) / messages
    costs.set(arm, {
      queries: count(databaseOf(arm).queries(), queries),
      bytes: count(way.bytes(), bytes),
      ms: took / messages,
    })
  }
  for (const account of one.values()) await account.end()
  const said = (arm: Arm) => {
    const cost = costs.get(arm)
    return cost
      ? `${cost.queries.toFixed(2)} queries, ${(cost.bytes / 1000).toFixed(1)} kB, ${cost.ms.toFixed(1)} ms`
      : ''
  }
  return [
    ...ours.flatMap((arm) =>
      others.map((other) => ({
        what: `PostgreSQL: ${written} session writes, one after the other, durable: ${names[arm]}`,
        ours: rate(sessions[arm]),
        beside: `${names[other]}: ${rate(sessions[other])}`,
        ratio: ratioOf(sessions[arm], sessions[other]),
        target: '',
      })),
    ),
    ...ours.flatMap((arm) =>
      others.map((other) => ({
        what: `PostgreSQL: ${uploaded} pre-keys in one set, durable: ${names[arm]}`,
        ours: ms(set[arm]),
        beside: `${names[other]}: ${ms(set[other])}`,
        ratio: ratioOf(set[arm], set[other]),
        target: '',
      })),
    ),
    ...ours.map((arm) => ({
      what: `PostgreSQL: a message that real Baileys decrypts (${messages}, one after the other): ${names[arm]}`,
      ours: said(arm),
      beside: `${names.naive}: ${said('naive')}; ${names.files}: ${costs.get('files')?.ms.toFixed(1)} ms`,
      ratio: (costs.get(arm)?.queries ?? Number.NaN) / (costs.get('naive')?.queries ?? 1),
      target: '',
    })),
  ]
}

/** About as large as a session of libsignal's. */
const sessionOf = (round: number) => Buffer.alloc(1_800, round)

const rate = (times: readonly number[]): string => `${Math.round(written / (median(times) / 1_000))} rows a second`

async function manyRows({ linked, send }: Place): Promise<readonly Row[]> {
  const took = { ours: Number.NaN, sealed: Number.NaN, naive: Number.NaN, files: Number.NaN }
  for (const arm of ['sealed', ...others] as const) {
    const lines: Awaited<ReturnType<Place['linked']>>[] = []
    for (let at = 0; at < accounts; at += 1) lines.push(await linked(arm))
    took[arm] = await timed(() => Promise.all(lines.map(({ number }) => send(number, each))))
    for (const line of lines) await line.end()
  }
  return others.map((other) => ({
    what: `PostgreSQL: ${accounts * each} messages for ${accounts} accounts of one process: ${names.sealed}`,
    ours: ms([took.sealed]),
    beside: `${names[other]}: ${ms([took[other]])}`,
    ratio: took.sealed / took[other],
    target: '',
  }))
}

async function connected(fake: Awaited<ReturnType<typeof startFakeWhatsApp>>, { state, saveCreds }: OpenArm) {
  const sock = baileys.makeWASocket({ ...fake.clientOptions, auth: state, logger: silentLogger })
  sock.ev.on('creds.update', () => void saveCreds())
  await new Promise<void>((resolve) => {
    sock.ev.on('connection.update', ({ connection }) => connection === 'open' && resolve())
  })
  return sock
}
