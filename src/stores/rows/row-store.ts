import type { AuthenticationCreds } from '../../baileys/baileys-types.ts'
import { UnreadableCredsError } from '../../errors/errors.ts'
import { selectFiles } from '../account-files.ts'
import { type BaileysParts, type Codec, codecOf, loadBaileys } from '../codec.ts'
import { isPaired, parseCreds } from '../creds.ts'
import { repairCreds } from '../creds-repair.ts'
import { absentCreds, notPaired, unsealedAccount, verdictOn } from '../creds-verdict.ts'
import { onDisk } from '../disk/disk-error.ts'
import { credsFile } from '../file-name.ts'
import { Generations } from '../generations.ts'
import { KeyCache } from '../key-cache.ts'
import { KeyTypes } from '../key-types.ts'
import { Opening } from '../opening.ts'
import type { Ownership } from '../ownership.ts'
import { preKeyIds } from '../pre-keys.ts'
import { entriesToTrim, holdsCreds } from '../quarantine.ts'
import { planRestore, replacedReason } from '../restore.ts'
import { lookAtSessions } from '../session-look.ts'
import type {
  AuthStore,
  Inspection,
  OpenAuth,
  QuarantineBounds,
  QuarantineEntry,
  Read,
  Selection,
  SentLog,
  SessionsLook,
  SessionsSeen,
} from '../store.ts'
import { isUnsealed } from '../unsealed.ts'
import { generationRows } from './generation-rows.ts'
import { inspectRows, readerOf } from './inspect-rows.ts'
import { OwnRows } from './own-rows.ts'
import { RowFiles } from './row-files.ts'
import { RowQuarantine, stagedHome } from './row-quarantine.ts'
import type { Change, Rows, Table } from './rows.ts'

export interface RowStoreParts {
  readonly location: string
  readonly ownFolder?: string
  readonly rows: Rows
  readonly ownership: Ownership
  /** Makes what the lock needs. */
  readonly prepare: () => Promise<void>
  /** Where Baileys comes from; default: the one that is installed, under either of its names. */
  readonly baileys?: (() => Promise<BaileysParts>) | undefined
  /** Epoch milliseconds; default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** An account in a database of rows. Every step that changes more than one row is one transaction. */
export class RowStore implements AuthStore {
  readonly location: string
  declare readonly ownFolder?: string
  readonly #parts: RowStoreParts
  readonly #rows: Rows
  readonly #ownership: Ownership
  readonly #now: () => number
  readonly #quarantine: RowQuarantine
  readonly #generations: Generations
  readonly #own: OwnRows
  #keyTypes: KeyTypes
  #loadedCodec: Promise<Codec> | undefined

  constructor(parts: RowStoreParts) {
    const { rows, ownership, location, ownFolder } = parts
    this.location = location
    if (ownFolder !== undefined) this.ownFolder = ownFolder
    this.#parts = parts
    this.#rows = rows
    this.#ownership = ownership
    this.#now = parts.now ?? Date.now
    this.#quarantine = new RowQuarantine(rows)
    this.#generations = new Generations(generationRows(rows))
    this.#own = new OwnRows(rows)
    this.#keyTypes = new KeyTypes(this.#own.keyTypes)
  }

  acquire(): Promise<void> {
    return this.#ownership.acquire(
      async () => {
        await this.#codec()
        await this.#parts.prepare()
      },
      async () => {
        await this.#rows.claim()
        this.#own.forget()
        this.#generations.reread()
        this.#keyTypes = new KeyTypes(this.#own.keyTypes)
      },
    )
  }

  owned(): Promise<boolean> {
    return this.#ownership.confirmed()
  }

  onLost(listener: () => void): () => void {
    return this.#ownership.onLost(listener)
  }

  /** An owner's delete, or rows of another database in their place. */
  gone(): Promise<boolean> {
    return this.#reading('looking for the account', async () => {
      if (!this.#generations.hadAccount || (await this.#rows.read('account', credsFile)) !== null) return false
      return (await this.#generations.names()).length === 0
    })
  }

  async release(): Promise<void> {
    await this.#ownership.release()
    this.#generations.forget()
    await onDisk(this.location, 'closing', () => this.#rows.close())
  }

  open({ mint = false }: { readonly mint?: boolean } = {}): Promise<OpenAuth> {
    return this.#ownership.step('opening the account', async () => {
      const codec = await this.#codec()
      const read = await this.#judge(codec)
      if (read.kind === 'unreadable') throw new UnreadableCredsError(this.location, read.why)
      if (read.kind === 'absent' && !mint) throw absentCreds(this.location)
      const creds = read.kind === 'present' ? read.value : codec.mint()
      const keep = (bytes: Buffer) => this.#generations.saved(bytes, codec, this.#now())
      if (read.kind === 'present') await keep(codec.encode(creds)).catch(() => undefined)
      return this.#opening('account', codec, creds, keep)
    })
  }

  inspect({ depth = 'full' }: { readonly depth?: 'creds' | 'full' } = {}): Promise<Inspection> {
    return this.#reading('inspecting', async () => {
      const codec = await this.#codec()
      const parts = { rows: this.#rows, codec, keyTypes: new KeyTypes(this.#own.keyTypes) }
      const creds = await this.#judge(codec)
      const copied = creds.kind === 'unreadable' ? await this.#generations.goodCopy(codec) : {}
      return { ...(await inspectRows(parts, creds, depth)), ...copied }
    })
  }

  lookAtSessions(look: SessionsLook): Promise<SessionsSeen> {
    return this.#reading('looking at the sessions', async () => {
      const rows = this.#rows
      const read = readerOf(rows)
      const names = () => rows.newestFirst?.('account') ?? rows.names('account')
      return lookAtSessions({ names, read, codec: await this.#codec() }, look)
    })
  }

  quarantine(selection: Selection, reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.closedStep('setting files aside', async () => {
      const moved = await this.#quarantine.moves(await this.#select(selection), reason, this.#now())
      if (!moved) return undefined
      await this.#rows.commit(moved.changes)
      if (holdsCreds(moved.entry.files)) this.#generations.forget()
      return moved.entry
    })
  }

  copyAside(selection: Selection, reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.step('copying files aside', async () => {
      const copied = await this.#quarantine.copies(await this.#select(selection), reason, this.#now())
      if (copied) await this.#rows.commit(copied.changes)
      return copied?.entry
    })
  }

  quarantined(): Promise<readonly QuarantineEntry[]> {
    return this.#reading('reading the quarantine', () => this.#quarantine.list())
  }

  restore(id: string, { force = false }: { readonly force?: boolean } = {}): Promise<readonly string[]> {
    return this.#ownership.closedStep('restoring files', async () => {
      const parts = {
        quarantine: this.#quarantine,
        accountFiles: () => this.#select({ kind: 'everything' }),
        isPresent: async (name: string) => (await this.#rows.read('account', name)) !== null,
      }
      const { manifest, replaced } = await planRestore(parts, id, force)
      const aside = await this.#quarantine.moves(replaced, replacedReason(id), this.#now())
      await this.#rows.commit([...(aside?.changes ?? []), ...(await this.#quarantine.back(manifest))])
      return manifest.files.map(({ name }) => name)
    })
  }

  trimQuarantine(bounds: QuarantineBounds): Promise<readonly string[]> {
    return this.#ownership.step('trimming the quarantine', async () => {
      const ids = entriesToTrim(await this.#quarantine.list(), bounds, this.#now())
      if (ids.length > 0) await this.#rows.commit(await this.#quarantine.drop(ids))
      return ids
    })
  }

  restoreCreds(reason: string): Promise<{ readonly savedAt: number } | undefined> {
    return this.#ownership.closedStep('restoring creds', async () => {
      const codec = await this.#codec()
      if ((await this.#judge(codec)).kind === 'present') return undefined
      const good = await this.#generations.newest(codec)
      if (!good) return undefined
      const bad = await this.#quarantine.moves([credsFile], reason, this.#now())
      await this.#rows.commit([...(bad?.changes ?? []), { table: 'account', name: credsFile, content: good.bytes }])
      return { savedAt: good.savedAt }
    })
  }

  repairPreKeys({ force = false }: { readonly force?: boolean } = {}): Promise<boolean> {
    return this.#ownership.closedStep('repairing the credentials', async () => {
      const codec = await this.#codec()
      const read = await this.#judge(codec)
      if (read.kind === 'unreadable') throw new UnreadableCredsError(this.location, read.why)
      if (read.kind === 'absent') return false
      const ids = preKeyIds(await this.#rows.names('account'))
      const repair = repairCreds(read.value, ids, force)
      if (!repair) return false
      const content = codec.encode(repair.creds)
      // What it replaces is kept.
      await this.#generations.saved(codec.encode(read.value), codec, this.#now(), true)
      await this.#rows.commit([{ table: 'account', name: credsFile, content }])
      return true
    })
  }

  openStaging(): Promise<OpenAuth> {
    return this.#ownership.closedStep('making the staging area', async () => {
      const left = await this.#emptied()
      if (left.length > 0) await this.#rows.commit(left)
      const codec = await this.#codec()
      return this.#opening('staging', codec, codec.mint(), async () => undefined)
    })
  }

  stagingPaired(): Promise<boolean> {
    return this.#reading('reading the staging area', () => this.#isStagingPaired())
  }

  resumeStaging(): Promise<OpenAuth> {
    return this.#ownership.closedStep('opening the staging area', async () => {
      const codec = await this.#codec()
      const read = await this.#creds('staging', codec)
      if (read.kind === 'unreadable') throw new UnreadableCredsError(`the staging area of ${this.location}`, read.why)
      if (read.kind === 'absent') throw absentCreds(`the staging area of ${this.location}`)
      return this.#opening('staging', codec, read.value, async () => undefined)
    })
  }

  promoteStaging(reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.closedStep('putting the new pairing in place', async () => {
      if (!(await this.#isStagingPaired())) throw notPaired(this.location)
      const old = await this.#quarantine.moves(await this.#select({ kind: 'everything' }), reason, this.#now())
      const staged = await this.#rows.names('staging')
      const placed = await Promise.all(
        staged.map(async (name) => ({
          table: 'account' as const,
          name,
          content: await this.#rows.read('staging', name),
        })),
      )
      await this.#rows.commit([...(old?.changes ?? []), ...placed, ...(await this.#emptied())])
      return old?.entry
    })
  }

  discardStaging(reason: string): Promise<QuarantineEntry | undefined> {
    return this.#ownership.closedStep('setting a pairing aside', async () => {
      const names = await this.#rows.names('staging')
      const moved = await this.#quarantine.moves(names, reason, this.#now(), stagedHome)
      if (moved) await this.#rows.commit(moved.changes)
      return moved?.entry
    })
  }

  readFacts(): Promise<unknown> {
    return this.#reading('reading the facts', () => this.#own.read('facts'))
  }

  writeFacts(facts: unknown): Promise<void> {
    return this.#ownership.step('writing the facts', () => this.#own.write('facts', facts))
  }

  appendHistory(entry: unknown): Promise<void> {
    return this.#ownership.step('writing the history', () => this.#own.history.append(entry))
  }

  readHistory(limit: number): Promise<readonly unknown[]> {
    return this.#reading('reading the history', () => this.#own.history.read(limit))
  }

  readonly sent: SentLog = {
    read: () => this.#reading('reading what was sent', () => this.#own.sent.read(Number.POSITIVE_INFINITY)),
    append: (entries) => this.#ownership.step('keeping what was sent', () => this.#own.sent.append(...entries)),
    replace: (entries) => this.#ownership.step('keeping what was sent', () => this.#own.sent.replace(entries)),
  }

  #opening(
    table: Table,
    codec: Codec,
    creds: AuthenticationCreds,
    onSaved: (bytes: Buffer) => Promise<void>,
  ): OpenAuth {
    const files = new RowFiles(this.#rows, this.location, table, this.#keyTypes)
    const cache = new KeyCache(codec.decode)
    return this.#ownership.track(new Opening({ files, location: this.location, codec, creds, onSaved, cache }))
  }

  #reading<T>(doing: string, step: () => Promise<T>): Promise<T> {
    return onDisk(this.location, doing, () => this.#rows.reading(step))
  }

  #codec(): Promise<Codec> {
    this.#loadedCodec ??= (this.#parts.baileys ?? loadBaileys)()
      .then(codecOf)
      .catch((error: unknown) => {
        this.#loadedCodec = undefined
        throw error
      })
    return this.#loadedCodec
  }

  async #creds(table: Table, codec: Codec): Promise<Read<AuthenticationCreds>> {
    const content = await this.#rows.read(table, credsFile)
    return content === null ? { kind: 'absent' } : parseCreds(content, codec)
  }

  /** Rejects if all that there is stands unsealed: no reason for another identity, but for asking its owner. */
  async #judge(codec: Codec): Promise<Read<AuthenticationCreds>> {
    const content = await this.#rows.read('account', credsFile)
    if (content !== null && isUnsealed(content) && !(await this.#generations.newest(codec)))
      throw unsealedAccount(this.location)
    return verdictOn(await this.#creds('account', codec), codec, this.#generations, this.location)
  }

  async #isStagingPaired(): Promise<boolean> {
    const read = await this.#creds('staging', await this.#codec())
    return read.kind === 'present' && isPaired(read.value)
  }

  async #select(selection: Selection): Promise<readonly string[]> {
    const present = await this.#rows.names('account')
    return selectFiles(selection, present, await this.#keyTypes.learned(), this.#generations)
  }

  async #emptied(): Promise<readonly Change[]> {
    return (await this.#rows.names('staging')).map((name) => ({ table: 'staging', name, content: null }))
  }
}
