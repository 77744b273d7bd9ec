import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { LifelineError } from '../errors/errors.ts'
import type { AuthStore } from '../stores/store.ts'
import { projectBaileys } from './project-baileys.ts'

/** Options that every command on a folder has. */
export interface FolderOptions {
  readonly auth: string
  readonly json?: boolean
}

export const withAuth = (command: Command): Command =>
  command.requiredOption('--auth <folder>', "the account's folder, in the layout of Baileys' multi-file store")

/** The store of a folder that must be there already: no command but `run` makes one. */
export async function existingStore({ auth }: FolderOptions): Promise<AuthStore> {
  const folder = resolve(auth)
  const found = await stat(folder).catch(() => undefined)
  if (!found?.isDirectory())
    throw new LifelineError(
      'AUTH_FOLDER_MISSING',
      `${folder} is ${found ? 'no folder' : 'not there'}.`,
      "Give --auth the folder that Baileys' credentials lie in.",
    )
  return storeOf(folder)
}

/** Loaded when it is asked for: help and wrong usage need no store. */
export async function storeOf(folder: string): Promise<AuthStore> {
  const { fileAuthStore } = await import('../stores/folder/file-store.ts')
  return fileAuthStore(folder, { baileys: () => projectBaileys() })
}

/** Runs a step as the one owner of the folder, and lets go of it whatever happens. */
export async function asOwner<T>(store: AuthStore, step: () => Promise<T>): Promise<T> {
  await store.acquire()
  try {
    return await step()
  } finally {
    await store.release()
  }
}
