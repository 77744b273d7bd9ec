import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { OptionsError } from '../errors/errors.ts'
import { replaceJson } from '../stores/disk/atomic-write.ts'
import { errnoOf, nodeFileSystem } from '../stores/disk/file-system.ts'
import { readWhole } from '../stores/disk/whole-file.ts'
import { fileAuthStore } from '../stores/folder/file-store.ts'
import type {
  Coordination,
  Desired,
  Holder,
  HostCard,
  KnownAccount,
  ReceivedCommand,
  Seat,
  SeenHost,
  Survey,
  ToldStatus,
  Wake,
} from './coordination.ts'
import { withSteps } from './seat.ts'

/** Which accounts are not to run, and why; beside the folders of the accounts, whose names never begin with a dot. */
const fileName = '.fleet.json'

const namePattern = /^[^./\\\0][^/\\\0]{0,199}$/

/** Of a name in a folder, on every file system in use; letters of other scripts have two to four each. */
const mostNameBytes = 255

/** A link may lead to the folder of another account, or anywhere; the folders of a fleet are its own. */
async function refuseLink(location: string, account: string): Promise<void> {
  const found = await lstat(join(location, account)).catch(() => undefined)
  if (found?.isSymbolicLink())
    throw new OptionsError(
      'accounts',
      'The folder of this account is a link, and a fleet takes folders of its own alone.',
      'Move the folder itself to that place.',
    )
}

/**
 * One host, no database: a folder with a folder for each account, as `useMultiFileAuthState` makes them, whose locks
 * are the leases. A lock ends with its process, so there is no time to live. Commands and statuses need no way to
 * travel.
 */
export class FolderCoordination implements Coordination {
  readonly host: string
  readonly location: string
  readonly #seats = new Map<string, { held: boolean }>()
  readonly #statuses = new Map<string, ToldStatus>()
  readonly #commands = new Map<string, { command: ReceivedCommand; taken: boolean; answer?: { content: unknown } }>()
  readonly #listeners = new Set<(wake: Wake) => void>()
  #stopped: Promise<Map<string, unknown>> | undefined
  #saving: Promise<void> = Promise.resolve()
  #card: HostCard = {}
  #epochs = 0

  constructor(folder: string, host = hostname()) {
    this.location = resolve(folder)
    this.host = host
  }

  seat(account: string): Seat {
    if (!namePattern.test(account) || Buffer.byteLength(account) > mostNameBytes)
      throw new OptionsError(
        'accounts',
        'The name of this account cannot be the name of a folder.',
        `Use a name of 1 to 200 characters, ${mostNameBytes} bytes at most, without slashes, that does not begin with a dot.`,
      )
    const store = fileAuthStore(join(this.location, account))
    const mark = { held: false }
    let epoch = 0
    const acquire = async () => {
      await mkdir(this.location, { recursive: true, mode: 0o700 })
      await store.acquire()
      epoch = ++this.#epochs
      mark.held = true
      this.#seats.set(account, mark)
    }
    const release = async () => {
      await store.release()
      mark.held = false
      if (this.#seats.get(account) === mark) this.#seats.delete(account)
    }
    return {
      auth: withSteps(store, { acquire, release }),
      get epoch() {
        return mark.held ? epoch : undefined
      },
      handTo: () => undefined,
      // Another owner of the folder is found by the store itself, which shuts what is open.
      onLost: () => () => undefined,
    }
  }

  async listen(onWake: (wake: Wake) => void, pollMs: number): Promise<() => void> {
    this.#listeners.add(onWake)
    const timer = setInterval(() => onWake({ kind: 'poll' }), pollMs).unref()
    return () => {
      this.#listeners.delete(onWake)
      clearInterval(timer)
    }
  }

  async announce(card: HostCard): Promise<void> {
    this.#card = card
  }

  async hosts(): Promise<readonly SeenHost[]> {
    return [{ host: this.host, seenAgoMs: 0, ...this.#card }]
  }

  async leave(): Promise<void> {
    this.#seats.clear()
  }

  async survey(most: number): Promise<Survey> {
    const known = await this.accounts()
    const running = known.filter(({ desired }) => desired === 'running').map(({ account }) => account)
    const free = running.filter((account) => !this.#seats.has(account))
    return {
      wanted: running.length,
      owned: new Map([[this.host, running.length - free.length]]),
      free: free.slice(0, most).map((account) => ({ account, handedOver: false })),
      stopped: new Set(known.filter(({ desired }) => desired === 'stopped').map(({ account }) => account)),
    }
  }

  /** A folder is an account as soon as it is there. */
  async add(accounts: readonly string[]): Promise<void> {
    for (const account of accounts) {
      this.seat(account)
      await refuseLink(this.location, account)
      await mkdir(join(this.location, account), { recursive: true, mode: 0o700 })
    }
  }

  async accounts(): Promise<readonly KnownAccount[]> {
    const stopped = await this.#load()
    const entries = await readdir(this.location, { withFileTypes: true }).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return []
      throw error
    })
    return entries
      .filter((entry) => entry.isDirectory() && namePattern.test(entry.name))
      .map(({ name }) => name)
      .sort()
      .map((account) => ({
        account,
        desired: stopped.has(account) ? 'stopped' : 'running',
        details: stopped.get(account) ?? null,
      }))
  }

  async desire(account: string, desired: Desired, details: unknown): Promise<void> {
    const stopped = await this.#load()
    if (desired === 'stopped') stopped.set(account, details)
    else stopped.delete(account)
    if (desired === 'running') await this.add([account])
    const saved = this.#saving.then(() =>
      replaceJson(nodeFileSystem, join(this.location, fileName), { stopped: Object.fromEntries(stopped) }),
    )
    this.#saving = saved.catch(() => undefined)
    await saved
    this.#wake({ kind: 'lease', of: account })
  }

  async holders(account?: string): Promise<readonly Holder[]> {
    return [...this.#seats.keys()]
      .filter((name) => account === undefined || name === account)
      .map((name) => ({ account: name, host: this.host }))
  }

  async tell(account: string, _epoch: number, content: unknown): Promise<void> {
    this.#statuses.set(account, { account, host: this.host, content })
  }

  async statuses(): Promise<readonly ToldStatus[]> {
    return [...this.#statuses.values()]
  }

  async send(_host: string, account: string, content: unknown): Promise<string> {
    const id = randomUUID()
    this.#commands.set(id, { command: { id, account, content }, taken: false })
    this.#wake({ kind: 'inbox', of: this.host })
    return id
  }

  async take(): Promise<readonly ReceivedCommand[]> {
    return [...this.#commands.values()].flatMap((kept) => {
      if (kept.taken) return []
      kept.taken = true
      return [kept.command]
    })
  }

  async answer({ id }: ReceivedCommand, content: unknown): Promise<void> {
    const kept = this.#commands.get(id)
    if (kept) kept.answer = { content }
    this.#wake({ kind: 'answer', of: id })
  }

  async answerTo(id: string): Promise<{ readonly content: unknown } | undefined> {
    const answer = this.#commands.get(id)?.answer
    if (answer) this.#commands.delete(id)
    return answer
  }

  async sweep(): Promise<void> {
    // Commands are asked for by this very process, which takes them away with their answers.
  }

  async end(): Promise<void> {
    await this.#saving
  }

  /** One for all who ask; if it could not be read, the next one looks again. */
  #load(): Promise<Map<string, unknown>> {
    this.#stopped ??= readStopped(join(this.location, fileName)).catch((error: unknown) => {
      this.#stopped = undefined
      throw error
    })
    return this.#stopped
  }

  #wake(wake: Wake): void {
    for (const listener of [...this.#listeners]) listener(wake)
  }
}

async function readStopped(path: string): Promise<Map<string, unknown>> {
  try {
    const value: unknown = JSON.parse((await readWhole(path)).toString('utf8'))
    const stopped = typeof value === 'object' && value !== null && 'stopped' in value ? value.stopped : undefined
    return new Map(typeof stopped === 'object' && stopped !== null ? Object.entries(stopped) : [])
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return new Map()
    // A file that nothing can read stops nothing, and is written anew with the next word.
    if (error instanceof SyntaxError) return new Map()
    throw error
  }
}
