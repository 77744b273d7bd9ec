import { join } from 'node:path'
import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import { AuthStoreError } from '../errors/errors.ts'
import type { Codec } from './codec.ts'
import { contradiction, isPaired, readCreds } from './creds.ts'
import type { FileSystem } from './disk/file-system.ts'
import { credsFile } from './file-name.ts'
import type { Generations } from './generations.ts'
import type { Read } from './store.ts'

/**
 * Reads the account's creds.json and holds it against the newest good generation: what that contradicts, or what
 * vanished, is unreadable.
 */
export const judgeCreds = async (
  fs: FileSystem,
  folder: string,
  codec: Codec,
  generations: Generations,
): Promise<Read<AuthenticationCreds>> => {
  return verdictOn(await readCreds(fs, join(folder, credsFile), codec), codec, generations, folder)
}

/**
 * Holds credentials that were read, or not found, against the newest good generation. Rejects if nothing is left of
 * the linked account that was opened here: it is no reason for a new identity that its place was emptied.
 */
export const verdictOn = async (
  read: Read<AuthenticationCreds>,
  codec: Codec,
  generations: Generations,
  location: string,
): Promise<Read<AuthenticationCreds>> => {
  if (read.kind === 'unreadable') return read
  const good = await generations.newest(codec)
  if (!good && read.kind === 'absent' && generations.hadAccount) throw goneAccount(location)
  if (!good) return read
  if (read.kind === 'absent') {
    if (!isPaired(good.creds)) return read
    const saved = new Date(good.savedAt).toISOString()
    return { kind: 'unreadable', why: `creds.json is missing, though good credentials of ${saved} are kept` }
  }
  const why = contradiction(read.value, good.creds)
  return why === undefined ? read : { kind: 'unreadable', why }
}

export const goneAccount = (location: string) =>
  new AuthStoreError(
    'AUTH_STORE_GONE',
    `The account is no longer at ${location}: it was deleted or moved while it was in use, or its disk is not mounted. Nothing was made in its place.`,
    'Put it back, or release it to begin anew.',
  )

export const absentCreds = (location: string) =>
  new AuthStoreError(
    'AUTH_STORE_CREDS_ABSENT',
    `There are no credentials in ${location}.`,
    'Link a device first. A store makes a new identity only with open({ mint: true }).',
  )

export const notPaired = (location: string) =>
  new AuthStoreError(
    'AUTH_STORE_NOT_PAIRED',
    `The staging area of ${location} holds no completed pairing. The account was left as it is.`,
    'Scan a code first.',
  )

export const unsealedAccount = (location: string) =>
  new AuthStoreError(
    'AUTH_STORE_KEY',
    `The rows of ${location} stand plain in the database although a key is given. Nothing was changed.`,
    'If they are from before there was a key: npx baileys-lifeline db reencrypt --from-plain, once. If not, somebody without the key wrote them: bring the database back from a backup.',
  )
