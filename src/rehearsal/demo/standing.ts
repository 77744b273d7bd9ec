import { setTimeout as pause } from 'node:timers/promises'
import { nodeFileSystem } from '../../disk/file-system.ts'
import { outlookOn } from '../../stores/folder/journal/outlook.ts'
import { layoutOf } from '../../stores/layout.ts'

/** Far more than a gateway that lives takes to put its files in place. */
const mostMs = 15_000
const lookMs = 20

/** Resolves once the files of a folder hold what its gateway has written: what is done to them before would be written over. */
export async function filesStanding(folder: string): Promise<void> {
  const until = performance.now() + mostMs
  const { own } = layoutOf(folder)
  while ((await outlookOn(nodeFileSystem, folder, own)).unfinished.length > 0 && performance.now() < until)
    await pause(lookMs)
}
