import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuthenticationCreds } from '../../baileys/baileys-types.ts'
import { FencedError, UnreadableCredsError } from '../../errors/errors.ts'
import { selectFiles } from '../account-files.ts'
import { type BaileysParts, type Codec, codecOf, loadBaileys } from '../codec.ts'
import { repairCreds } from '../creds-repair.ts'
import { absentCreds, goneAccount, judgeCreds, notPaired } from '../creds-verdict.ts'
import { isTemporary, replaceFile, replaceJson, sweepTemporaries } from '../disk/atomic-write.ts'
import { onDisk } from '../disk/disk-error.ts'
import { exists, type FileSystem, namesIn, nodeFileSystem } from '../disk/file-system.ts'
import { classify } from '../file-class.ts'
import { credsFile } from '../file-name.ts'
import { Generations } from '../generations.ts'
import { KeyTypes, keyTypesFile } from '../key-types.ts'
import { type Layout, layoutOf, ownFolder } from '../layout.ts'
import { Opening } from '../opening.ts'
import { Ownership } from '../ownership.ts'
import { preKeyIds } from '../pre-keys.ts'
import { systemProcesses } from '../process-identity.ts'
import { holdsCreds, Quarantine } from '../quarantine.ts'
import { planRestore, replacedReason } from '../restore.ts'
import { lookAtSessions } from '../session-look.ts'
import type {
  AuthStore,
  Inspection,
  OpenAuth,
  QuarantineBounds,
  QuarantineEntry,
  Read,
  Replayed,
  Selection,
  SentLog,
  SessionsLook,
  SessionsSeen,
} from '../store.ts'
import { readFacts } from './facts.ts'
import type { FileAuthStoreOptions } from './file-store-options.ts'
import { prepareFolder } from './folder.ts'
import { FolderFiles } from './folder-files.ts'
import { GenerationFolder } from './generation-folder.ts'
import { History } from './history.ts'
import { inspectFolder, readerIn } from './inspect.ts'
import { nodeDelays } from './journal/delays.ts'
import { FolderWrites } from './journal/folder-writes.ts'
import { foreseen } from './journal/foreseen.ts'
import { type Outlook, outlookOn } from './journal/outlook.ts'
import { nothingReplayed, replay } from './journal/replay.ts'
import { appendEntryNow, replaceJsonNow } from './last-moment.ts'
import { Lock, nodeTimers } from './lock.ts'
import { freeBytesAt, isWritable, tightenModes } from './modes.ts'
import { moveBeside, specialsAmong } from './own-files.ts'
import { Staging } from './staging.ts'

/** How often, and how long after another, a folder without its lock is looked at before it counts as another's, ms. */
const mostLooks = 20
const lookAgainMs = 50

/** Large enough for a hundred messages, small enough for hundreds of accounts. */
const journalStepBytes = 512 * 1024

/**
 * Credentials and keys in a folder of Baileys' multi-file layout, which Baileys' own store can read after any stop.
 * Every write is atomic and durable. The folder is created by `acquire` (0700) if its parent exists.
 */
export const fileAuthStore = (folder: string, options: FileAuthStoreOptions = {}): AuthStore =>
  new FileStore(resolve(folder), options)

class FileStore implements AuthStore {
  readonly location: string
  readonly ownFolder: string
  replayed: Replayed = nothingReplayed
  readonly #layout: Layout
  readonly #fs: FileSystem
  readonly #now: () => number
  readonly #loadBaileys: () => Promise<BaileysParts>
  readonly #lock: Lock
  readonly #freeBytes: (folder: string) => Promise<number>
  readonly #isWritable: (folder: string) => Promise<boolean>
  readonly #ownership: Ownership
  readonly #quarantine: Quarantine
  readonly #staging: Staging
  readonly #generations: Generations
  #keyTypes: KeyTypes
  readonly #history: History
  readonly #sent: History
  /** The medium as it will be once all that is durable stands in its place. */
  readonly #seen: FileSystem
  readonly #troubled = new Set<(failure: Error | undefined) => void>()
  readonly #refused = new Set<(words: string) => void>()
  /** Before anybody listened. */
  readonly #untold: string[] = []
  readonly #newWrites: (folder: string, home: string) => FolderWrites
  /** While the folder is owned. */
  #writes: { readonly account: FolderWrites; readonly staging: FolderWrites } | undefined
  #loadedCodec: Promise<Codec> | undefined
  /** Between `acquire` and `release`. */
  #kept = false

  constructor(folder: string, options: FileAuthStoreOptions) {
    this.location = folder
    this.#layout = layoutOf(folder)
    this.ownFolder = this.#layout.own
    this.#fs = options.fileSystem ?? nodeFileSystem
    this.#now = options.now ?? Date.now
    this.#loadBaileys = options.baileys ?? loadBaileys
    const { processes = systemProcesses, timers = nodeTimers, delays = nodeDelays } = options
    this.#seen = foreseen(this.#fs, (name) => this.#writesInto(name))
    this.#freeBytes = options.freeBytes ?? freeBytesAt
    this.#isWritable = options.isWritable ?? isWritable
    this.#lock = new Lock(this.#fs, this.#layout.lock, folder, processes, timers)
    this.#ownership = new Ownership(folder, this.#lock)
    this.#newWrites = (into, home) =>
      new FolderWrites({
        fs: this.#fs,
        folder: into,
        home,
        location: folder,
        delays,
        now: this.#now,
        owned: () => this.#lock.owned(),
        onTrouble: (failure) => {
          for (const listener of this.#troubled) listener(failure)
        },
        stepBytes: options.journalStepBytes ?? journalStepBytes,
      })
    this.#quarantine = new Quarantine(this.#seen, this.#layout)
    this.#staging = new Staging(this.#seen, this.#layout, this.#quarantine)
    this.#generations = new Generations(new GenerationFolder(this.#fs, this.#layout))
    this.#keyTypes = this.#newKeyTypes()
    this.#history = new History(this.#fs, this.#layout.history)
    this.#sent = new History(this.#fs, this.#layout.sent, Number.POSITIVE_INFINITY)
  }

  acquire(): Promise<void> {
    return this.#ownership.acquire(
      async () => {
        await this.#codec()
        if (await this.#isGone()) throw goneAccount(this.location)
        await prepareFolder(this.#fs, this.#layout)
      },
      async () => {
        this.#kept = true
        const { folder, own, staging, generations } = this.#layout
        const before = this.#writes
        this.#writes = undefined
        // Another owner may have learned more.
        this.#keyTypes = this.#newKeyTypes()
        await before?.account.abandon()
        await before?.staging.abandon()
        await sweepTemporaries(this.#fs, [folder, own, staging, generations])
        for (const special of await specialsAmong(this.#fs, this.#layout)) {
          await moveBeside(this.#fs, special)
          this.#tellRefused(`${ownFolder}/${special.name} ${special.why}; it is kept beside its place as damaged`)
        }
        await this.#finishWrites()
        this.#writes = { account: this.#newWrites(folder, own), staging: this.#newWrites(staging, staging) }
        await this.#finishPromotion()
      },
    )
  }

  owned(): Promise<boolean> {
    return this.#ownership.confirmed()
  }

  onLost(listener: () => void): () => void {
    return this.#ownership.onLost(listener)
  }

  /** While the lock is nobody's somebody may be deleting the folder around it, file by file. */
  async gone(): Promise<boolean> {
    for (let look = 1; look < mostLooks && this.#kept; look += 1) {
      if (await this.#isGone()) return true
      if ((await this.#lock.owned()) || (await this.#lock.taken())) return false
      await pause(lookAgainMs)
    }
    return this.#isGone()
  }

  /**
   * Looked for where it was: what is put back there is taken up again. An empty folder, such as the place of a disk
   * that is not mounted, is none of the account's.
   */
  async #isGone(): Promise<boolean> {
    if (!this.#kept) return false
    const { folder, own } = this.#layout
    const left = this.#generations.hadAccount ? [join(folder, credsFile), own] : [folder]
    return (await Promise.all(left.map((path) => exists(this.#fs, path)))).every((there) => !there)
  }

  onTrouble(listener: (failure: Error | undefined) => void): () => void {
    this.#troubled.add(listener)
    return () => this.#troubled.delete(listener)
  }

  release(): Promise<void> {
    this.#kept = false
    return this.#ownership.release(async () => {
      this.#generations.forget()
      const writes = this.#writes
      await writes?.account.end()
      await writes?.staging.end()
      this.#writes = undefined
    })
  }

  open({ mint = false }: { readonly mint?: boolean } = {}): Promise<OpenAuth> {
    return this.#ownership.step('opening the account', async () => {
      await this.#finishPromotion()
      const codec = await this.#codec()
      const read = await this.#judge(codec)
      if (read.kind === 'unreadable') throw new UnreadableCredsError(this.location, read.why)
      if (read.kind === 'absent' && !mint) throw absentCreds(this.location)
      const creds = read.kind === 'present' ? read.value : codec.mint()
      const keep = (bytes: Buffer) => this.#generations.saved(bytes, codec, this.#now())
      if (read.kind === 'present') await keep(codec.encode(creds)).catch(() => undefined)
      return this.#opening(this.#layout.folder, codec, creds, keep)
    })
  }

  inspect({ depth = 'full' }: { readonly depth?: 'creds' | 'full' } = {}): Promise<Inspection> {
    return onDisk(this.location, 'inspecting', async () => {
      const outlooks = await this.#outlooks()
      const fs = foreseen(this.#fs, (folder) => outlooks.get(folder))
      const parts = {
        fs,
        layout: this.#layout,
        generations: this.#generations,
        staging: new Staging(fs, this.#layout, this.#quarantine),
        keyTypes: this.#newKeyTypes(),
        lock: this.#lock,
        freeBytes: this.#freeBytes,
        isWritable: this.#isWritable,
        outlooks: [...outlooks.values()],
      }
      return inspectFolder({ ...parts, codec: await this.#codec() }, depth)
    })
  }

  lookAtSessions(look: SessionsLook): Promise<SessionsSeen> {
    return onDisk(this.location, 'looking at the sessions', async () => {
      const outlooks = await this.#outlooks()
      const fs = foreseen(this.#fs, (folder) => outlooks.get(folder))
      const { folder } = this.#layout
      const parts = {
        names: () => namesIn(fs, folder),
        changedAt: async (name: string) => (await fs.stat(join(folder, name))).mtimeMs,
        read: readerIn(fs, folder),
        codec: await this.#codec(),
      }
      return lookAtSessions(parts, look)
    })
  }

  tighten(): Promise<readonly string[]> {
    return this.#ownership.step('narrowing permissions', () => tightenModes(this.#layout.folder))
  }

  quarantine(selection: Selection, reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.closedStep('setting files aside', async () =>
      this.#setAside(await this.#select(selection), reason),
    )
  }

  copyAside(selection: Selection, reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.step('copying files aside', async () => {
      return this.#entry((await this.#quarantine.copy(await this.#select(selection), reason, this.#now()))?.id)
    })
  }

  quarantined(): Promise<readonly QuarantineEntry[]> {
    return onDisk(this.location, 'reading the quarantine', () => this.#quarantine.list())
  }

  restore(id: string, { force = false }: { readonly force?: boolean } = {}): Promise<readonly string[]> {
    return this.#ownership.closedStep('restoring files', async () => {
      await this.#stand()
      const { manifest, replaced } = await planRestore(
        {
          quarantine: this.#quarantine,
          accountFiles: () => this.#select({ kind: 'everything' }),
          isPresent: (name) => exists(this.#seen, join(this.#layout.folder, name)),
        },
        id,
        force,
      )
      const aside = await this.#quarantine.plan(replaced, replacedReason(id), this.#now())
      if (aside) await this.#quarantine.move(aside)
      await this.#quarantine.moveBack(manifest)
      return manifest.files.map((row) => row.name)
    })
  }

  trimQuarantine(bounds: QuarantineBounds): Promise<readonly string[]> {
    return this.#ownership.step('trimming the quarantine', () => this.#quarantine.trim(bounds, this.#now()))
  }

  restoreCreds(reason: string): Promise<{ readonly savedAt: number } | undefined> {
    return this.#ownership.closedStep('restoring creds', async () => {
      const codec = await this.#codec()
      if ((await this.#judge(codec)).kind === 'present') return undefined
      const good = await this.#generations.newest(codec)
      if (!good) return undefined
      await this.#setAside([credsFile], reason)
      await replaceFile(this.#fs, join(this.#layout.folder, credsFile), good.bytes)
      return { savedAt: good.savedAt }
    })
  }

  repairPreKeys({ force = false }: { readonly force?: boolean } = {}): Promise<boolean> {
    return this.#ownership.closedStep('repairing the credentials', async () => {
      const codec = await this.#codec()
      const read = await this.#judge(codec)
      if (read.kind === 'unreadable') throw new UnreadableCredsError(this.location, read.why)
      if (read.kind === 'absent') return false
      const ids = preKeyIds(await this.#seen.readdir(this.#layout.folder))
      const repair = repairCreds(read.value, ids, force)
      if (!repair) return false
      await this.#stand()
      const repaired = codec.encode(repair.creds)
      // What it replaces is kept.
      await this.#generations.saved(codec.encode(read.value), codec, this.#now(), true)
      await replaceFile(this.#fs, join(this.#layout.folder, credsFile), repaired)
      return true
    })
  }

  openStaging(): Promise<OpenAuth> {
    return this.#ownership.closedStep('making the staging area', async () => {
      await this.#stand()
      await this.#finishPromotion()
      await this.#staging.ensure()
      await this.#staging.empty()
      const codec = await this.#codec()
      return this.#opening(this.#layout.staging, codec, codec.mint(), async () => undefined)
    })
  }

  stagingPaired(): Promise<boolean> {
    return onDisk(this.location, 'reading the staging area', async () => {
      const outlooks = await this.#outlooks()
      const fs = foreseen(this.#fs, (folder) => outlooks.get(folder))
      return new Staging(fs, this.#layout, this.#quarantine).paired(await this.#codec())
    })
  }

  resumeStaging(): Promise<OpenAuth> {
    return this.#ownership.closedStep('opening the staging area', async () => {
      await this.#finishPromotion()
      const codec = await this.#codec()
      const read = await this.#staging.readCreds(codec)
      if (read.kind === 'unreadable') throw new UnreadableCredsError(this.#layout.staging, read.why)
      if (read.kind === 'absent') throw absentCreds(this.#layout.staging)
      return this.#opening(this.#layout.staging, codec, read.value, async () => undefined)
    })
  }

  promoteStaging(reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.closedStep('putting the new pairing in place', async () => {
      await this.#stand()
      if (await this.#finishPromotion()) return undefined
      const codec = await this.#codec()
      if (!(await this.#staging.paired(codec))) throw notPaired(this.location)
      const manifest = await this.#staging.promote(await this.#select({ kind: 'everything' }), reason, this.#now())
      return this.#entry(manifest?.id)
    })
  }

  discardStaging(reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.closedStep('setting a pairing aside', async () => {
      await this.#stand()
      await this.#finishPromotion()
      return this.#entry((await this.#staging.discard(reason, this.#now()))?.id)
    })
  }

  readFacts(): Promise<unknown> {
    return onDisk(this.location, 'reading the facts', () => readFacts(this.#fs, this.#layout.facts))
  }

  writeFacts(facts: unknown): Promise<void> {
    return this.#ownership.step('writing the facts', () => replaceJson(this.#fs, this.#layout.facts, facts))
  }

  /** Another file system than Node's has no such moment. */
  endNow(facts: unknown, entry: unknown): void {
    if (!this.#lock.held || this.#fs !== nodeFileSystem) return
    replaceJsonNow(this.#layout.facts, facts)
    appendEntryNow(this.#layout.history, entry)
    this.#lock.releaseNow()
  }

  appendHistory(entry: unknown): Promise<void> {
    return this.#ownership.step('writing the history', () => this.#history.append(entry))
  }

  readHistory(limit: number): Promise<readonly unknown[]> {
    return onDisk(this.location, 'reading the history', () => this.#history.read(limit))
  }

  readonly sent: SentLog = {
    read: () => onDisk(this.location, 'reading what was sent', () => this.#sent.read(Number.POSITIVE_INFINITY)),
    append: (entries) => this.#ownership.step('keeping what was sent', () => this.#sent.append(...entries)),
    replace: (entries) => this.#ownership.step('keeping what was sent', () => this.#sent.replace(entries)),
  }

  async #opening(
    folder: string,
    codec: Codec,
    creds: AuthenticationCreds,
    onSaved: (bytes: Buffer) => Promise<void>,
  ): Promise<OpenAuth> {
    const writes = this.#writesInto(folder)
    if (!writes) throw new FencedError(this.location)
    const [fs, keyTypes, location] = [this.#seen, this.#keyTypes, this.location]
    const refuse = (name: string, why: string) => this.#refuse(folder, name, why)
    const files = new FolderFiles({ fs, folder, location, keyTypes, writes, refuse })
    // So that it is known what the first save replaces.
    await files.read(credsFile)
    return this.#ownership.track(new Opening({ files, location, codec, creds, onSaved }))
  }

  /**
   * Nobody reads or writes it while it is moved: the one who asked for it waits. In a folder in trouble it stays, and
   * is as good as absent.
   */
  async #refuse(folder: string, name: string, why: string): Promise<void> {
    const words = `a ${classify(name)?.class ?? 'foreign'} file ${why}`
    try {
      const manifest = await this.#quarantine.plan([name], `it ${why}`, this.#now(), folder)
      if (manifest) await this.#quarantine.move(manifest, folder)
      this.#tellRefused(`${words}; it is in the quarantine`)
    } catch {
      this.#tellRefused(`${words}; it could not be set aside`)
    }
  }

  onRefused(listener: (words: string) => void): () => void {
    this.#refused.add(listener)
    for (const words of this.#untold.splice(0)) listener(words)
    return () => this.#refused.delete(listener)
  }

  #tellRefused(words: string): void {
    if (this.#refused.size === 0) this.#untold.push(words)
    for (const listener of this.#refused) listener(words)
  }

  /** Files are moved only when all of them stand in their place: what comes behind would put some of them back. */
  async #stand(): Promise<void> {
    await this.#writes?.account.stand()
    await this.#writes?.staging.leave()
  }

  async #finishWrites(): Promise<void> {
    const { folder, own, staging } = this.#layout
    const parts = { fs: this.#fs, quarantine: this.#quarantine, now: this.#now }
    this.replayed = await replay({ ...parts, folder, home: own })
    // A pairing that was under way is nobody else's to go on with.
    await replay({ ...parts, folder: staging, home: staging })
  }

  #writesInto(folder: string): FolderWrites | undefined {
    if (folder === this.#layout.folder) return this.#writes?.account
    return folder === this.#layout.staging ? this.#writes?.staging : undefined
  }

  /** The owner knows what is to come; a reader looks at the journals. */
  async #outlooks(): Promise<ReadonlyMap<string, Outlook>> {
    const { folder, own, staging } = this.#layout
    const { account, staging: staged } = this.#writes ?? {}
    return new Map([
      [folder, account ?? (await outlookOn(this.#fs, folder, own))],
      [staging, staged ?? (await outlookOn(this.#fs, staging, staging))],
    ])
  }

  #newKeyTypes(): KeyTypes {
    return new KeyTypes(keyTypesFile(this.#fs, this.#layout))
  }

  #codec(): Promise<Codec> {
    this.#loadedCodec ??= this.#loadBaileys()
      .then(codecOf)
      .catch((error: unknown) => {
        this.#loadedCodec = undefined
        throw error
      })
    return this.#loadedCodec
  }

  #judge(codec: Codec): Promise<Read<AuthenticationCreds>> {
    return judgeCreds(this.#seen, this.#layout.folder, codec, this.#generations)
  }

  async #select(selection: Selection): Promise<readonly string[]> {
    const names = await this.#seen.readdir(this.#layout.folder)
    const present = names.filter((name) => name !== ownFolder && !isTemporary(name))
    return selectFiles(selection, present, await this.#keyTypes.learned(), this.#generations)
  }

  async #setAside(names: readonly string[], reason: string): Promise<QuarantineEntry | undefined> {
    if (names.length === 0) return undefined
    await this.#stand()
    const manifest = await this.#quarantine.plan(names, reason, this.#now())
    if (!manifest) return undefined
    try {
      await this.#quarantine.move(manifest)
    } catch (error) {
      // An entry that nothing moved into would only confuse.
      await this.#quarantine.drop(manifest.id).catch(() => undefined)
      throw error
    }
    if (holdsCreds(manifest.files)) this.#generations.forget()
    return this.#entry(manifest.id)
  }

  async #entry(id: string | undefined): Promise<QuarantineEntry | undefined> {
    return id === undefined ? undefined : (await this.#quarantine.list()).find((entry) => entry.id === id)
  }

  #finishPromotion(): Promise<boolean> {
    return this.#staging.finish()
  }
}
