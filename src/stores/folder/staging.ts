import { join } from 'node:path'
import type { AuthenticationCreds } from '../../baileys/baileys-types.ts'
import { eachBounded } from '../bounded.ts'
import type { Codec } from '../codec.ts'
import { isPaired, readCreds } from '../creds.ts'
import { replaceJson } from '../disk/atomic-write.ts'
import { ensureFolder, exists, type FileSystem, isAbsent, namesIn } from '../disk/file-system.ts'
import { noFileWords } from '../disk/no-file.ts'
import { credsFile, isPlainName } from '../file-name.ts'
import type { Layout } from '../layout.ts'
import { type Manifest, manifestOf, type Quarantine } from '../quarantine.ts'
import type { Read } from '../store.ts'

const width = 16

/** A promotion under way: from the moment this is durable it is finished, not undone. */
interface Intent {
  /** What of the old account goes where; null if there is nothing. */
  readonly old: Manifest | null
  readonly files: readonly string[]
}

/**
 * A second folder in Baileys' layout, for a pairing that may fail. Promotion: plan the quarantine of the old files,
 * note the intent (from here on the new account holds), move the old files out, move the new ones in, creds last. Every
 * step can be done twice; until the last one nothing that loads is a mixture.
 */
export class Staging {
  readonly #fs: FileSystem
  readonly #layout: Layout
  readonly #quarantine: Quarantine

  constructor(fs: FileSystem, layout: Layout, quarantine: Quarantine) {
    this.#fs = fs
    this.#layout = layout
    this.#quarantine = quarantine
  }

  readCreds(codec: Codec): Promise<Read<AuthenticationCreds>> {
    return readCreds(this.#fs, join(this.#layout.staging, credsFile), codec)
  }

  async paired(codec: Codec): Promise<boolean> {
    const read = await this.readCreds(codec)
    return read.kind === 'present' && isPaired(read.value)
  }

  ensure(): Promise<boolean> {
    return ensureFolder(this.#fs, this.#layout.staging, this.#layout.own)
  }

  /** Removes what an attempt left behind: an identity that nobody linked. */
  async empty(): Promise<void> {
    const names = await namesIn(this.#fs, this.#layout.staging)
    await eachBounded(names, width, (name) => this.#fs.unlink(join(this.#layout.staging, name)))
  }

  async promote(old: readonly string[], reason: string, at: number): Promise<Manifest | undefined> {
    const manifest = await this.#quarantine.plan(old, reason, at)
    const files = (await this.#fs.readdir(this.#layout.staging)).filter((name) => name.endsWith('.json'))
    const intent: Intent = { old: manifest ?? null, files }
    await replaceJson(this.#fs, this.#layout.promotion, intent)
    await this.finish()
    return manifest
  }

  /** Sets aside what an attempt left behind; credentials go last, so that a crash leaves it for the next look. */
  async discard(reason: string, at: number): Promise<Manifest | undefined> {
    const names = (await namesIn(this.#fs, this.#layout.staging)).filter((name) => name.endsWith('.json'))
    const manifest = await this.#quarantine.plan(names, reason, at, this.#layout.staging)
    if (manifest) await this.#quarantine.move(manifest, this.#layout.staging)
    return manifest
  }

  /** Finishes a promotion that a crash or a failing disk interrupted. True if there was one. */
  async finish(): Promise<boolean> {
    const intent = await this.intent()
    if (!intent) return false
    // A planned file that is not in the quarantine yet is an old one: none of the new moves before all old ones have.
    if (intent.old) await this.#quarantine.move(intent.old)
    for (const batch of [
      intent.files.filter((name) => name !== credsFile),
      intent.files.filter((name) => name === credsFile),
    ]) {
      await eachBounded(batch, width, (name) => this.#moveIn(name))
      await this.#fs.syncFolder(this.#layout.folder)
      await this.#fs.syncFolder(this.#layout.staging)
    }
    await this.empty()
    await this.#fs.unlink(this.#layout.promotion)
    await this.#fs.syncFolder(this.#layout.own)
    return true
  }

  async intent(): Promise<Intent | undefined> {
    let bytes: Buffer
    try {
      bytes = await this.#fs.readFile(this.#layout.promotion)
    } catch (error) {
      if (isAbsent(error) || noFileWords(error) !== undefined) return undefined
      throw error
    }
    return parseIntent(bytes)
  }

  /** Where the creds that count lie: during an unfinished promotion still in the staging area. */
  async credsPath(): Promise<string> {
    const staged = join(this.#layout.staging, credsFile)
    const unfinished = (await this.intent())?.files.includes(credsFile) && (await exists(this.#fs, staged))
    return unfinished ? staged : join(this.#layout.folder, credsFile)
  }

  async #moveIn(name: string): Promise<void> {
    try {
      await this.#fs.rename(join(this.#layout.staging, name), join(this.#layout.folder, name))
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }
}

const parseIntent = (bytes: Uint8Array): Intent | undefined => {
  try {
    const { old, files } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { old?: unknown; files: unknown[] }
    const names = files.filter((name): name is string => typeof name === 'string' && isPlainName(name))
    return { old: planOf(old), files: names }
  } catch {
    // Torn, or of another shape.
    return undefined
  }
}

const planOf = (value: unknown): Manifest | null => {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null
  const { id } = value
  return typeof id === 'string' && isPlainName(id) ? (manifestOf(value, id) ?? null) : null
}
