import module from 'node:module'
import { userFolder } from './user-folder.ts'

/** Node's own, from 22.8 and 22.10 on. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown
  readonly flushCompileCache?: () => void
}

/** By then everything has been loaded; gateways are killed more often than they end. */
const keepAfterMs = 20_000

const kept = new WeakSet<CompileCache>()

/**
 * From now on what this process loads is compiled once, and read back compiled by the next process of this user: to
 * compile Baileys takes a third of a start. Nothing on a Node that cannot do that, nor where `NODE_COMPILE_CACHE` or
 * `NODE_DISABLE_COMPILE_CACHE` say otherwise. A folder that cannot be written to is no trouble.
 */
export function keepCompiled(cache = module as CompileCache): void {
  // What is read back is counted by function only.
  if (kept.has(cache) || !cache.enableCompileCache || process.env.NODE_V8_COVERAGE !== undefined) return
  kept.add(cache)
  cache.enableCompileCache(userFolder('cache', 'compiled'))
  setTimeout(() => cache.flushCompileCache?.(), keepAfterMs).unref()
}
