import module from 'node:module'
import { userFolder } from './user-folder.ts'

/** Node's own, from 22.8 and 22.10 on. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown
  readonly flushCompileCache?: () => void
}

/** By then everything has been loaded; gateways are killed more often than they end. */
const keepAfterMs = 20_000

let kept = false

/**
 * From now on what this process loads is compiled once, and read back compiled by the next process of this user: to
 * compile Baileys takes a third of a start. Nothing on a Node that cannot do that, nor where `NODE_COMPILE_CACHE` or
 * `NODE_DISABLE_COMPILE_CACHE` say otherwise. A folder that cannot be written to is no trouble.
 */
export function keepCompiled(): void {
  const { enableCompileCache, flushCompileCache } = module as CompileCache
  // What is read back is counted by function only.
  if (kept || !enableCompileCache || process.env.NODE_V8_COVERAGE !== undefined) return
  kept = true
  enableCompileCache(userFolder('cache', 'compiled'))
  setTimeout(() => flushCompileCache?.(), keepAfterMs).unref()
}
