import { setTimeout as pause } from 'node:timers/promises'
import { LockedError } from '../../errors/errors.ts'
import { nodeFileSystem } from '../../stores/disk/file-system.ts'
import { fileAuthStore } from '../../stores/folder/file-store.ts'
import { outlookOn } from '../../stores/folder/journal/outlook.ts'
import { layoutOf } from '../../stores/layout.ts'

/** Far more than a gateway that lives takes to put its files in place. */
const mostMs = 15_000
const lookMs = 20

/**
 * Resolves once the files of a folder hold what its gateway has written: what is done to them before would be written
 * over, by a gateway that lives, or by the next start after a kill. What a killed one has left in its journal is put in
 * place here.
 */
export async function filesStanding(folder: string): Promise<void> {
  const until = performance.now() + mostMs
  const { own } = layoutOf(folder)
  while ((await outlookOn(nodeFileSystem, folder, own)).unfinished.length > 0 && performance.now() < until) {
    if (await settledByUs(folder)) return
    await pause(lookMs)
  }
}

/** False while a gateway lives there. */
async function settledByUs(folder: string): Promise<boolean> {
  const store = fileAuthStore(folder)
  try {
    await store.acquire()
  } catch (error) {
    if (error instanceof LockedError) return false
    throw error
  }
  await store.release()
  return true
}
