import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Contact, foreignSession } from '../fake-whatsapp/index.ts'
import { filesStanding } from './standing.ts'

/**
 * What a power cut leaves of a file whose last bytes had not reached the disk, or of a folder that came back from a
 * copy.
 */
const harms = {
  // Valid in every field, and wrong: the only kind that gives Bad MAC.
  foreign: async () => Buffer.from(JSON.stringify(await foreignSession())),
  empty: async () => Buffer.alloc(0),
  'nul-filled': async (before) => Buffer.alloc(before.length),
  'half-written': async (before) => before.subarray(0, Math.floor(before.length / 2)),
} satisfies Record<string, (before: Buffer) => Promise<Buffer>>

export type HarmKind = keyof typeof harms

/** What was done to one session file. */
export interface HarmedFile {
  readonly contact: string
  readonly file: string
  readonly harm: HarmKind
  /** Size before and after. */
  readonly bytesBefore: number
  readonly bytes: number
  /** Of the damaged file, by which it is found again in the quarantine. */
  readonly sha256: string
  /** Whether that contact sends a message again when it is asked to. */
  readonly resends: boolean
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The contact's session files in the folder: under its phone number, or under its LID once Baileys knows that. */
async function sessionFiles(folder: string, contact: Contact): Promise<readonly string[]> {
  const users = [contact.number, contact.lid?.split('@')[0]].filter((user) => user !== undefined)
  const names = await readdir(folder)
  return names.filter((name) => users.some((user) => new RegExp(`^session-${user}(_1)?\\.\\d+\\.json$`).test(name)))
}

/** Damages every session file of each contact in its own way. */
export async function harmSessions(
  folder: string,
  contacts: readonly { readonly contact: Contact; readonly harm: HarmKind }[],
): Promise<readonly HarmedFile[]> {
  const done: HarmedFile[] = []
  await filesStanding(folder)
  for (const { contact, harm } of contacts) {
    for (const file of await sessionFiles(folder, contact)) {
      const path = join(folder, file)
      const before = await readFile(path)
      const bytes = await harms[harm](before)
      await writeFile(path, bytes)
      done.push({
        contact: contact.name,
        file,
        harm,
        bytesBefore: before.length,
        bytes: bytes.length,
        sha256: sha256(bytes),
        resends: contact.resends,
      })
    }
  }
  return done
}
