import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { LockedError } from '../../errors/errors.ts'
import { discard, isTemporary, writeTemporary } from '../disk/atomic-write.ts'
import { errnoOf, exists, type FileSystem, isAbsent, namesIn } from '../disk/file-system.ts'
import { noFileWords } from '../disk/no-file.ts'
import type { Processes, ProcessIdentity } from '../process-identity.ts'
import { everyShared } from '../shared-interval.ts'
import { removeNow } from './last-moment.ts'

/** How often the owner shows that it lives, in milliseconds. */
const heartbeatMs = 5_000
/**
 * Without a heartbeat for this long, an owner whose process cannot be looked at counts as gone: four beats. Short,
 * because a container that was killed is made anew within seconds and waits for it; long enough for a disk that hangs
 * for some seconds.
 */
const goneAfterMs = 20_000
/** Contenders that meet step back and try again, each after its own random pause of up to so many milliseconds. */
const pauseMs = 40
const attempts = 25

/** Those of intervals keep no process alive. */
export interface Timers {
  setInterval(step: () => void, ms: number): object
  clearInterval(timer: object): void
}

interface Beat {
  readonly end: () => void
}

/** One for all locks of the process. */
export const nodeTimers: Timers = {
  setInterval: (step, ms) => ({ end: everyShared(ms, step) }) satisfies Beat,
  clearInterval: (timer) => (timer as Beat).end(),
}

interface Claim {
  readonly name: string
  readonly owner: Partial<ProcessIdentity>
  readonly verdict: 'alive' | 'gone'
  /**
   * When it counts as gone unless its owner shows that it lives, epoch milliseconds; undefined where the owner's
   * process can be looked at.
   */
  readonly freeAt?: number
  /** False while its writer still looks around for others. */
  readonly confirmed: boolean
}

/**
 * The last claims that this process let go of, or gave up: nobody holds them, though their process lives. They may lie
 * there still, if a failing disk did not let them be removed, or again, if a backup was put back.
 */
const abandoned = new Set<string>()
const mostAbandoned = 1_000

function abandon(token: string): void {
  abandoned.add(token)
  for (const oldest of abandoned) {
    if (abandoned.size <= mostAbandoned) return
    abandoned.delete(oldest)
  }
}

const claimName = (token: string) => `claim-${token}.json`
const confirmedName = (token: string) => `owner-${token}`
const claimPattern = /^claim-([0-9a-f]+)\.json$/

/**
 * One owner of a folder across processes and hosts. Each contender first puts down its claim, then looks for claims of
 * others that live: of two that do so at once, at least one sees the other and steps back, so there are never two
 * owners. An owner then adds a mark, so that latecomers give up at once. Claims of the dead are removed by the next
 * owner.
 *
 * Own code, because the lock libraries at hand know no pid and no host: they take a lock over by its age alone, from a
 * suspended but live owner too.
 */
export class Lock {
  readonly #fs: FileSystem
  readonly #folder: string
  readonly #location: string
  readonly #processes: Processes
  readonly #timers: Timers
  #token: string | undefined
  #content: Uint8Array = new Uint8Array()
  #heartbeat: object | undefined

  constructor(fs: FileSystem, folder: string, location: string, processes: Processes, timers: Timers) {
    this.#fs = fs
    this.#folder = folder
    this.#location = location
    this.#processes = processes
    this.#timers = timers
  }

  get held(): boolean {
    return this.#token !== undefined
  }

  /** `onLost` is called once if the lock turns out to be another's. */
  async acquire(onLost: () => void): Promise<void> {
    let met: Claim | undefined
    for (let attempt = 0; attempt < attempts; attempt++) {
      // Before anything is written: a live owner is left alone, with nothing changed on its disk.
      await this.#refuseOwner(await this.#others(undefined))
      const token = randomBytes(8).toString('hex')
      const others = await this.#claim(token)
      if (!others) continue
      const living = others.filter((other) => other.verdict === 'alive')
      if (living.length === 0) {
        await this.#confirm(token, others)
        this.#beat(onLost)
        return
      }
      await this.#withdraw(token).catch(() => undefined)
      await this.#refuseOwner(living)
      met = living[0]
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs))
    }
    throw new LockedError(this.#location, ownerOf(met), met?.freeAt)
  }

  /** Looks at the medium: is the claim still there? */
  async owned(): Promise<boolean> {
    return this.#token !== undefined && exists(this.#fs, join(this.#folder, claimName(this.#token)))
  }

  /** Whether somebody else has put down a claim and lives. */
  async taken(): Promise<boolean> {
    return (await this.#others(this.#token)).some(({ verdict }) => verdict === 'alive')
  }

  /** Who has put down a claim and is gone: a lock that the next owner takes over. */
  async stale(): Promise<readonly Partial<ProcessIdentity>[]> {
    const claims = await this.#others(this.#token)
    return claims.filter(({ verdict }) => verdict === 'gone').map(({ owner }) => owner)
  }

  async release(): Promise<void> {
    const token = this.#token
    if (!token) return
    this.#letGo()
    await this.#withdraw(token)
  }

  /** While the process exits. Returns whether it was held. */
  releaseNow(): boolean {
    const token = this.#token
    if (!token) return false
    this.#letGo()
    removeNow([confirmedName(token), claimName(token)].map((name) => join(this.#folder, name)))
    return true
  }

  async #withdraw(token: string): Promise<void> {
    abandon(token)
    for (const name of [confirmedName(token), claimName(token)]) await this.#remove(name)
  }

  #letGo(): void {
    this.#token = undefined
    if (this.#heartbeat) this.#timers.clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }

  /** The claims of others after our own was put down; undefined if a new owner swept ours away meanwhile. */
  async #claim(token: string): Promise<readonly Claim[] | undefined> {
    // Not out of the pool that `Buffer.from` shares: it would keep 8 KiB of it for as long as the lock is held.
    this.#content = new TextEncoder().encode(`${JSON.stringify({ ...this.#processes.self(), token })}\n`)
    const temporary = await writeTemporary(this.#fs, this.#folder, this.#content)
    try {
      await this.#fs.rename(temporary, join(this.#folder, claimName(token)))
      await this.#fs.syncFolder(this.#folder)
      return await this.#others(token)
    } catch (error) {
      await discard(this.#fs, temporary)
      await this.#withdraw(token).catch(() => undefined)
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  async #confirm(token: string, dead: readonly Claim[]): Promise<void> {
    try {
      const path = join(this.#folder, confirmedName(token))
      await this.#fs.writeFile(path, new Uint8Array(), { flag: 'wx', mode: 0o600, flush: false })
      const gone = new Set(dead.flatMap(({ name }) => [name, confirmedName(tokenOf(name))]))
      for (const name of await this.#fs.readdir(this.#folder))
        if (gone.has(name) || isTemporary(name)) await this.#remove(name)
    } catch (error) {
      await this.#withdraw(token).catch(() => undefined)
      throw error
    }
    this.#token = token
  }

  #beat(onLost: () => void): void {
    this.#heartbeat = this.#timers.setInterval(() => {
      void this.#showLife(onLost)
    }, heartbeatMs)
  }

  /**
   * Overwrites the claim with the same bytes, for its time of change: the file server's clock, the one that all
   * contenders share.
   */
  async #showLife(onLost: () => void): Promise<void> {
    const token = this.#token
    if (!token) return
    const path = join(this.#folder, claimName(token))
    try {
      await this.#fs.writeFile(path, this.#content, { flag: 'r+', mode: 0o600, flush: false })
    } catch (error) {
      // Only a missing claim means another owner; a failing disk is told by the writes that fail on it.
      if (!isAbsent(error) || this.#token !== token) return
      this.#letGo()
      abandon(token)
      onLost()
    }
  }

  async #refuseOwner(claims: readonly Claim[]): Promise<void> {
    const owner = claims.find((claim) => claim.verdict === 'alive' && claim.confirmed)
    if (owner) throw new LockedError(this.#location, ownerOf(owner), owner.freeAt)
  }

  async #others(own: string | undefined): Promise<readonly Claim[]> {
    const names = await namesIn(this.#fs, this.#folder)
    const present = new Set(names)
    const now = own === undefined ? Date.now() : await this.#changedAt(claimName(own), Date.now())
    const claims: Claim[] = []
    for (const name of names) {
      if (!claimPattern.test(name) || (own !== undefined && name === claimName(own))) continue
      const claim = await this.#judge(name, now)
      if (claim) claims.push({ ...claim, confirmed: present.has(confirmedName(tokenOf(name))) })
    }
    return claims
  }

  /**
   * The file server's idea of now: hosts that share a folder may disagree about the time, and it alone stamps all
   * claims.
   */
  async #changedAt(name: string, fallback: number): Promise<number> {
    try {
      return (await this.#fs.stat(join(this.#folder, name))).mtimeMs
    } catch (error) {
      if (isAbsent(error)) return fallback
      throw error
    }
  }

  async #judge(name: string, now: number): Promise<Omit<Claim, 'confirmed'> | undefined> {
    if (abandoned.has(tokenOf(name))) return { name, owner: {}, verdict: 'gone' }
    const path = join(this.#folder, name)
    try {
      const owner = await this.#ownerIn(path)
      const state = isIdentity(owner) ? this.#processes.stateOf(owner) : 'unknown'
      if (state !== 'unknown') return { name, owner, verdict: state }
      // A live owner's time of change is never far from now; one far ahead is left from before the clock was set back.
      const age = Math.abs(now - (await this.#fs.stat(path)).mtimeMs)
      if (age > goneAfterMs) return { name, owner, verdict: 'gone' }
      return { name, owner, verdict: 'alive', freeAt: Math.ceil(Date.now() + goneAfterMs - age) }
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  /** What is no file names nobody: it counts by its age, as any claim whose owner cannot be looked at. */
  async #ownerIn(path: string): Promise<Partial<ProcessIdentity>> {
    try {
      return parseOwner(await this.#fs.readFile(path))
    } catch (error) {
      if (noFileWords(error) === undefined) throw error
      return {}
    }
  }

  async #remove(name: string): Promise<void> {
    try {
      await this.#fs.unlink(join(this.#folder, name))
    } catch (error) {
      // A folder in the place of a claim is no claim.
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'EISDIR') throw error
    }
  }
}

const tokenOf = (name: string): string => String(claimPattern.exec(name)?.[1])

const ownerOf = (claim: Claim | undefined) => ({ pid: claim?.owner.pid, host: claim?.owner.host })

const parseOwner = (bytes: Uint8Array): Partial<ProcessIdentity> => {
  try {
    return Object(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return {}
  }
}

const isIdentity = (owner: Partial<ProcessIdentity>): owner is ProcessIdentity =>
  Number.isInteger(owner.pid) && typeof owner.host === 'string'
