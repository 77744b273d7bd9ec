import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Delays } from '../../../../src/stores/folder/journal/delays.ts'

/** The folder as it lies there at this moment, without its owner: what a kill leaves. */
export const crashed = async (folder: string): Promise<string> => {
  const image = join(await mkdtemp(join(tmpdir(), 'lifeline-crash-')), 'account')
  cpSync(folder, image, { recursive: true, preserveTimestamps: true })
  await rm(join(image, '.lifeline', 'lock'), { recursive: true, force: true })
  return image
}

/** Files follow the journal when the test says so. */
export class HandDelays implements Delays {
  #due: { readonly step: () => void }[] = []

  soon(step: () => void): void {
    queueMicrotask(step)
  }

  setTimeout(step: () => void): object {
    const delay = { step }
    this.#due.push(delay)
    return delay
  }

  clearTimeout(delay: object): void {
    this.#due = this.#due.filter((other) => other !== delay)
  }

  /** Whatever waits has waited long enough. */
  pass(): void {
    const due = this.#due
    this.#due = []
    for (const { step } of due) step()
  }
}
