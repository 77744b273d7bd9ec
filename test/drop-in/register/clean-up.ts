import { afterAll, afterEach } from 'vitest'
import type { World } from '../../line/world.ts'
import type { Program } from './program.ts'
import type { Tree } from './tree.ts'

/**
 * After each test its programs are killed and the server is as before; after the last one nothing is left. `made` gives
 * what there is by then: not all of it, where it could not be made.
 */
export function cleanUp(
  programs: Program[],
  made: () => { readonly world: World | undefined; readonly tree: Tree | undefined },
): void {
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill()))
    await made().world?.calm()
  })
  afterAll(async () => {
    const { world, tree } = made()
    await world?.close()
    await tree?.fell()
  })
}
