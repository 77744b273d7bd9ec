import { createHash } from 'node:crypto'
import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import type { Codec } from './codec.ts'
import { isPaired, materialOf, parseCreds } from './creds.ts'
import type { Inspection } from './store.ts'

/** How many good generations are kept. */
const kept = 5
/**
 * Saves that change only counters replace the newest generation at every fourth of them: five generations thus reach
 * back over five real changes, the newest is at most three counters' saves old, and a save costs a second file only
 * then. What the counters lose, the pre-key repair makes good.
 */
const countersEvery = 4

export interface Generation {
  readonly name: string
  /** Epoch milliseconds. */
  readonly savedAt: number
  readonly creds: AuthenticationCreds
  readonly bytes: Buffer
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32)
const namePattern = /^(\d+)-([0-9a-f]{32})\.json$/

/** Where generations lie: a folder, or rows. */
export interface GenerationShelf {
  names(): Promise<readonly string[]>
  read(name: string): Promise<Buffer>
  /** Durable when resolved. */
  put(name: string, bytes: Buffer): Promise<void>
  drop(names: readonly string[]): Promise<void>
}

/** The last good credentials, each under a name that proves its content. */
export class Generations {
  readonly #shelf: GenerationShelf
  #newest: { readonly name: string; readonly material: string } | undefined
  #savesSince = 0
  /**
   * The name of the one that was read last, which holds the digest of its bytes: the same bytes are as good as they
   * were, and to judge them again is most of what an opening costs. Not the bytes themselves, which an account would
   * keep for as long as it is supervised.
   */
  #judged: string | undefined
  #hadAccount = false

  constructor(shelf: GenerationShelf) {
    this.#shelf = shelf
  }

  /** A linked account was opened here, and has not been set aside since. */
  get hadAccount(): boolean {
    return this.#hadAccount
  }

  /** The newest good generation. Damaged ones are passed over. */
  async newest(codec: Codec): Promise<Generation | undefined> {
    for (const name of await this.names()) {
      const bytes = await this.#shelf.read(name)
      if (!name.includes(digest(bytes))) continue
      const read =
        this.#judged === name
          ? ({ kind: 'present', value: codec.decode(bytes) as AuthenticationCreds } as const)
          : parseCreds(bytes, codec)
      if (read.kind !== 'present') continue
      this.#judged = name
      return { name, savedAt: Number(name.split('-')[0]), creds: read.value, bytes }
    }
    return undefined
  }

  /** The newest good generation of a linked account, as an inspection tells of it; empty if there is none. */
  async goodCopy(codec: Codec): Promise<Pick<Inspection, 'goodCopy'>> {
    const good = await this.newest(codec)
    const id = good?.creds.me?.id
    return good === undefined || id === undefined ? {} : { goodCopy: { id, savedAt: good.savedAt } }
  }

  /** File names, newest first. */
  async names(): Promise<readonly string[]> {
    const names = (await this.#shelf.names()).filter((name) => namePattern.test(name))
    return names.sort((a, b) => Number(b.split('-')[0]) - Number(a.split('-')[0]))
  }

  /**
   * Called after creds were saved. Keeps them if they are good and differ enough; `always` keeps them if they differ at
   * all.
   */
  async saved(bytes: Buffer, codec: Codec, now: number, always = false): Promise<void> {
    const read = parseCreds(bytes, codec)
    if (read.kind !== 'present') return
    this.#hadAccount ||= isPaired(read.value)
    const material = materialOf(read.value)
    const replaces = this.#newest?.material === material ? this.#newest.name : undefined
    if (replaces?.includes(digest(bytes))) return
    if (replaces && !always && ++this.#savesSince < countersEvery) return

    const earlier = await this.newest(codec)
    if (earlier?.name.includes(digest(bytes))) {
      this.#newest = { name: earlier.name, material }
      return
    }
    // A pairing that was never completed is worth no place beside one that was.
    if (earlier && isPaired(earlier.creds) && !isPaired(read.value)) return
    // Once before, so that a disk that fails after each write does not gather them without end.
    await this.#shelf.drop((await this.names()).slice(kept))
    const savedAt = Math.max(now, (earlier?.savedAt ?? 0) + 1)
    const name = `${savedAt}-${digest(bytes)}.json`
    await this.#shelf.put(name, bytes)
    this.#newest = { name, material }
    this.#savesSince = 0
    await this.#shelf.drop(replaces === undefined ? [] : [replaces])
    await this.#shelf.drop((await this.names()).slice(kept))
  }

  /** The remembered newest is void: another owner may have saved since. */
  reread(): void {
    this.#newest = undefined
    this.#savesSince = 0
  }

  /** The account left its place, or another one took it. */
  forget(): void {
    this.reread()
    this.#hadAccount = false
  }
}
