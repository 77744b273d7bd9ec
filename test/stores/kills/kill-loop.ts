import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { loadsAsSession } from '../../../src/stores/session-record.ts'
import { createAccount, type Kind, kinds, linkedCreds, openAccount, putPlainCreds, tornFiles } from './accounts.ts'
import { realSession } from './real-session.ts'
import { addresses, numberOf, preKeyIds } from './stored-value.ts'
import { bundleWriter } from './writer-bundle.ts'
import { startWriter } from './writer-process.ts'

const numbersPerRun = 1_000_000
/** Each lane has its own accounts and one process that writes; two keep both processors of a small machine busy. */
const lanes = 2

/** What a store had lost when it was opened again after the kills. */
export interface Tally {
  /** Files, or values, that are not whole. */
  torn: number
  /** Kills after which at least one was not whole. */
  killsThatTore: number
  credsLost: number
  acknowledgedLost: number
  /** Sets of keys of which some were of one write and some of another. */
  setsMixed: number
  acknowledged: number
}

export interface KillLoopOptions {
  readonly kills: number
  readonly onKill?: (done: number) => void
}

export type KillLoopResult = Readonly<Record<Kind, Readonly<Tally>>> & { readonly kills: number }

/** The writer as it was compiled, or as it was written: whichever this module is. */
const writerSource = fileURLToPath(new URL(`./writer${import.meta.url.slice(-3)}`, import.meta.url))

/** Kills a writing process again and again, and looks each time at what its three accounts still hold. */
export async function killLoop({ kills, onKill }: KillLoopOptions): Promise<KillLoopResult> {
  const tallies = { file: newTally(), lmdb: newTally(), baileys: newTally() }
  const root = await mkdtemp(join(tmpdir(), 'lifeline-kills-'))
  const writer = await bundleWriter(writerSource, root)
  const session = await realSession()
  const newLane = async () => {
    const folder = await mkdtemp(join(root, 'lane-'))
    await writeFile(join(folder, 'session.json'), JSON.stringify(session))
    const creds = linkedCreds()
    for (const kind of kinds) await createAccount(kind, join(folder, kind), creds)
    return { folder, creds }
  }
  // Its machine code serves all that follow.
  await startWriter(writer).endAtWork({ folder: (await newLane()).folder, base: 0 })
  let begun = 0
  let done = 0
  const lane = async () => {
    const { folder, creds } = await newLane()
    const known = new Known()
    let next = startWriter(writer)
    while (begun < kills) {
      begun += 1
      const child = next
      await child.killAtWork({ folder, base: begun * numbersPerRun }, () => {
        // The next one warms up while this one writes and is looked at.
        next = startWriter(writer)
      })
      const learned = known.learn(await readFile(join(folder, 'acknowledged'), 'utf8').catch(() => ''))
      for (const kind of learned) tallies[kind].acknowledged += 1
      for (const kind of kinds) await look(kind, join(folder, kind), creds, known, tallies[kind])
      done += 1
      onKill?.(done)
    }
    await next.end()
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  await rm(root, { recursive: true })
  return { ...tallies, kills: done }
}

const newTally = (): Tally => ({
  torn: 0,
  killsThatTore: 0,
  credsLost: 0,
  acknowledgedLost: 0,
  setsMixed: 0,
  acknowledged: 0,
})

/** The newest acknowledged write of each key. */
class Known {
  readonly #newest = new Map<string, number>()
  #read = 0

  /** Takes in what was noted since the last time; the kind of each note. */
  learn(notes: string): readonly Kind[] {
    const end = notes.lastIndexOf('\n') + 1
    const lines = notes.slice(this.#read, end).split('\n').slice(0, -1)
    this.#read = end
    return lines.map((line) => {
      const [kind = '', key = '', number] = line.split(' ')
      this.#newest.set(`${kind} ${key}`, Number(number))
      return kind as Kind
    })
  }

  newest(kind: Kind, key: string): number {
    return this.#newest.get(`${kind} ${key}`) ?? -1
  }
}

async function look(kind: Kind, folder: string, good: AuthenticationCreds, known: Known, tally: Tally): Promise<void> {
  const torn = kind === 'lmdb' ? [] : await tornFiles(folder)
  tally.torn += torn.length
  if (torn.length > 0) tally.killsThatTore += 1
  let account: Awaited<ReturnType<typeof openAccount>>
  try {
    account = await openAccount(kind, folder)
  } catch {
    tally.credsLost += 1
    return
  }
  const { creds, keys } = account.state
  if (creds.registrationId !== good.registrationId) {
    tally.credsLost += 1
    if (kind === 'baileys') await putPlainCreds(folder, good)
  } else if (creds.accountSyncCounter < known.newest(kind, 'creds')) tally.acknowledgedLost += 1
  const sessions = await keys.get('session', [...addresses])
  for (const address of addresses) {
    judge(sessions[address], known.newest(kind, `session/${address}`), kind, tally)
    if (sessions[address] && !loadsAsSession(sessions[address])) tally.torn += 1
  }
  const stored = await keys.get('pre-key', [...preKeyIds])
  for (const id of preKeyIds) judge(stored[id], known.newest(kind, 'pre-keys'), kind, tally)
  if (new Set(preKeyIds.map((id) => numberOf(stored[id]))).size > 1) tally.setsMixed += 1
  await account.close()
}

function judge(value: unknown, acknowledged: number, kind: Kind, tally: Tally): void {
  const number = numberOf(value)
  if (value && number === undefined && kind === 'lmdb') tally.torn += 1
  if (acknowledged >= 0 && (number === undefined || number < acknowledged)) tally.acknowledgedLost += 1
}
