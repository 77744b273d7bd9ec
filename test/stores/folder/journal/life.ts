import { BufferJSON, proto } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import type { FileSystem } from '../../../../src/stores/disk/file-system.ts'
import type { OpenFile } from '../../../../src/stores/disk/open-file.ts'
import { fileAuthStore } from '../../../../src/stores/folder/file-store.ts'
import type { AuthStore, OpenAuth } from '../../../../src/stores/store.ts'
import { link } from '../../account.ts'
import { errnoError } from '../../disk/faulty-disk.ts'
import type { ModelDisk } from '../power-cut/model-disk.ts'
import { folder, mint } from '../power-cut/subject.ts'
import { Truth } from './truth.ts'

export const keyCount = 5
/** From one start to the next. */
const bootMs = 1_000
const ids = fc.uniqueArray(fc.nat(keyCount - 1), { minLength: 1, maxLength: 3 })

/** What a gateway does, and what happens to it. */
export type Step =
  | { readonly kind: 'set'; readonly ids: readonly number[]; readonly remove: boolean; readonly wait: boolean }
  | { readonly kind: 'get'; readonly id: number }
  /** The timers that are due fire, and what follows from them is done. */
  | { readonly kind: 'time' }
  | { readonly kind: 'restart'; readonly how: 'stop' | 'kill' | 'cut'; readonly meanwhile: readonly number[] }
  /** What becomes of the next calls of the disk. */
  | { readonly kind: 'trouble'; readonly fates: readonly Fate[]; readonly errno: 'EIO' | 'ENOSPC' }

/** A call that fails may have been done all the same. */
type Fate = 'well' | 'refused' | 'done and refused'

const fate = fc.constantFrom<Fate[]>('well', 'well', 'well', 'well', 'refused', 'done and refused')

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      ids,
      remove: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      wait: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), id: fc.nat(keyCount - 1) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      how: fc.constantFrom('stop' as const, 'kill' as const, 'cut' as const),
      // What Baileys' own store writes before we are back.
      meanwhile: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: ids }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('trouble' as const),
      fates: fc.array(fate, { minLength: 1, maxLength: 16 }),
      errno: fc.constantFrom('EIO' as const, 'ENOSPC' as const),
    }),
  },
)

const baileys = async () => ({ initAuthCreds: mint, BufferJSON, proto })

/** A gateway on a model disk: killed, cut off from its power, written over by others, and started again. */
export class Life {
  readonly truth = new Truth()
  #disk: ModelDisk
  #boot = 0
  #process = new Process()
  #store: AuthStore | undefined
  #opening: OpenAuth | undefined
  #running: Promise<unknown>[] = []
  #stamp = 0
  readonly #random: (bound: number) => number

  constructor(disk: ModelDisk, random: (bound: number) => number) {
    this.#disk = disk
    this.#random = random
  }

  async begin(): Promise<void> {
    this.#boot += 1
    this.#process = new Process()
    const { boot, process } = { boot: String(this.#boot), process: this.#process }
    this.#disk.now = () => this.#boot * bootMs
    const store = fileAuthStore(folder, {
      fileSystem: process.through(this.#disk),
      baileys,
      journalStepBytes: 4_096,
      now: () => this.#boot * bootMs,
      processes: {
        self: () => ({ pid: 1, host: 'h', boot }),
        stateOf: (other) => (other.boot === boot ? 'alive' : 'gone'),
      },
      timers: { setInterval: () => ({}), clearInterval: () => undefined },
      delays: {
        soon: (step) => queueMicrotask(step),
        setTimeout: (step) => process.later(step),
        clearTimeout: (delay) => process.forget(delay),
      },
    })
    await store.acquire()
    this.#opening = await store.open({ mint: true })
    this.#store = store
    if (this.#boot > 1) return
    link(this.#opening.state.creds)
    await this.#opening.saveCreds()
  }

  async live(step: Step): Promise<void> {
    switch (step.kind) {
      case 'set':
        return this.#set(step.ids, step.remove, step.wait)
      case 'get':
        return this.#get(step.id)
      case 'time':
        return this.#process.pass()
      case 'trouble':
        this.#process.fail(step.fates, step.errno)
        return
      case 'restart':
        return this.#restart(step.how, step.meanwhile)
    }
  }

  /** The end of a life: everything that was acknowledged is where Baileys' own store looks for it. */
  async end(): Promise<void> {
    await this.#restart('stop', [])
    const found = await this.#values()
    await this.#store?.release()
    for (let id = 0; id < keyCount; id += 1) {
      const stamp = await this.#stampIn(id)
      if (stamp !== found.get(id)) throw new Error(`the file of ${id} holds ${stamp}, and the account ${found.get(id)}`)
    }
  }

  async #set(of: readonly number[], remove: boolean, wait: boolean): Promise<void> {
    const stamp = remove ? null : ++this.#stamp
    const settle = this.truth.set(of, stamp)
    const value = stamp === null ? null : { stamp, pad: 'x'.repeat(this.#random(3_000)) }
    const { keys } = this.#opening?.state ?? {}
    const set = Promise.resolve(keys?.set({ session: Object.fromEntries(of.map((id) => [id, value])) as never }))
    const { alive } = this.#process
    const done = set.then(
      () => alive() && settle(true),
      () => alive() && settle(false),
    )
    this.#running.push(done)
    for (const id of of) await this.#get(id)
    if (wait) await this.#idle()
  }

  /** A read sees the newest that was set, unless that was refused. */
  async #get(id: number): Promise<void> {
    if (this.#process.troubled) return
    const { keys } = this.#opening?.state ?? {}
    const found = stampOf((await keys?.get('session', [String(id)]))?.[id])
    this.truth.read(id, found)
  }

  async #idle(): Promise<void> {
    await Promise.all(this.#running)
    this.#running = []
  }

  async #restart(how: 'stop' | 'kill' | 'cut', meanwhile: readonly number[]): Promise<void> {
    if (how === 'stop') {
      this.#process.well()
      await this.#idle()
      await this.#store?.release()
    }
    this.#process.die()
    this.#running = []
    if (how === 'cut') this.#disk = this.#disk.afterCut(this.#disk.calls, this.#random)
    this.#disk.now = () => (this.#boot + 0.5) * bootMs
    for (const id of meanwhile) {
      const stamp = ++this.#stamp
      const stood = await this.#stampIn(id)
      await this.#disk.overwrite(pathOf(id), Buffer.from(JSON.stringify({ stamp })))
      await this.#disk.fileSystem.syncFile(pathOf(id))
      await this.#disk.fileSystem.syncFolder(folder)
      this.truth.overwritten(id, stamp, stood)
    }
    await this.begin()
    this.truth.found(await this.#values(), await this.#aside())
  }

  async #values(): Promise<ReadonlyMap<number, number | null>> {
    const values = new Map<number, number | null>()
    const { keys } = this.#opening?.state ?? {}
    for (let id = 0; id < keyCount; id += 1) values.set(id, stampOf((await keys?.get('session', [String(id)]))?.[id]))
    return values
  }

  /** Of what stands in the file: null if there is none, or nothing that can be read. */
  async #stampIn(id: number): Promise<number | null> {
    try {
      return stampOf(JSON.parse((await this.#disk.fileSystem.readFile(pathOf(id))).toString()))
    } catch {
      return null
    }
  }

  /** The stamps of what lies in the quarantine. */
  async #aside(): Promise<ReadonlySet<number>> {
    const stamps = new Set<number>()
    for (const { id, files } of (await this.#store?.quarantined()) ?? [])
      for (const { name } of files) {
        const bytes = await this.#disk.fileSystem.readFile(`${folder}/.lifeline/quarantine/${id}/${name}`)
        const found = /"stamp":(\d+)/.exec(bytes.toString())?.[1]
        if (found !== undefined) stamps.add(Number(found))
      }
    return stamps
  }
}

const pathOf = (id: number): string => `${folder}/session-${id}.json`

const stampOf = (value: unknown): number | null =>
  typeof value === 'object' && value !== null && 'stamp' in value ? Number(value.stamp) : null

/**
 * The way of one process to the disk: it fails when it is told to, and nothing of it is done once the process is dead.
 */
class Process {
  #alive = true
  #fates: Fate[] = []
  #errno = 'EIO'
  #timers: { readonly step: () => void }[] = []
  /** Settles once nothing is asked of the disk any more. */
  #pending = 0

  readonly alive = (): boolean => this.#alive

  get troubled(): boolean {
    return this.#fates.length > 0
  }

  die(): void {
    this.#alive = false
  }

  fail(fates: readonly Fate[], errno: string): void {
    this.#fates = [...fates]
    this.#errno = errno
  }

  well(): void {
    this.#fates = []
  }

  later(step: () => void): object {
    const timer = { step }
    this.#timers.push(timer)
    return timer
  }

  forget(timer: object): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }

  async pass(): Promise<void> {
    const due = this.#timers
    this.#timers = []
    for (const { step } of due) step()
    for (let turn = 0; turn < 3 || this.#pending > 0; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }

  through({ fileSystem }: ModelDisk): FileSystem {
    const call = async <T>(step: () => Promise<T>): Promise<T> => {
      if (!this.#alive) return new Promise(() => undefined)
      const fate = this.#fates.shift() ?? 'well'
      this.#pending += 1
      try {
        if (fate === 'refused') throw errnoError(this.#errno)
        const result = await step()
        if (fate === 'done and refused') throw errnoError(this.#errno)
        return this.#alive ? result : await new Promise(() => undefined)
      } finally {
        this.#pending -= 1
      }
    }
    const openFile = (file: OpenFile): OpenFile => ({
      write: (data, at) => call(() => file.write(data, at)),
      close: () => file.close(),
    })
    const names = ['readFile', 'writeFile', 'rename', 'unlink', 'readdir', 'stat', 'mkdir', 'rmdir'] as const
    const through = [...names, 'syncFile', 'syncFolder'] as const
    const calls = through.map((name) => {
      const operation = fileSystem[name] as (...args: unknown[]) => Promise<unknown>
      return [name, (...args: unknown[]) => call(() => operation(...args))]
    })
    return {
      ...(Object.fromEntries(calls) as unknown as FileSystem),
      create: async (path, mode) => openFile(await call(() => fileSystem.create(path, mode))),
    }
  }
}
