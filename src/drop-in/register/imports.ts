import module from 'node:module'
import { keepCompiled } from './compiled.ts'
import { isBaileys } from './entry.ts'
import { led, loaded } from './hooks.ts'
import { hookReads } from './reads.ts'
import { hookThread } from './thread.ts'

interface SyncHooks {
  resolve(specifier: string, context: Context, next: (specifier: string, context: Context) => Resolved): Resolved
  load(url: string, context: object, next: (url: string, context: object) => Loaded): Loaded
}
type Context = Parameters<typeof led>[1]
type Resolved = ReturnType<typeof led>
type Loaded = NonNullable<ReturnType<typeof loaded>>

/** What Node up to 22.14 reads its modules with is known of these; they get nothing new any more. */
const readsByPromise = /^(?:20|22)\./

/**
 * Has every import of a Baileys, static or dynamic, led to the module in its place. `onImport` is told each that is
 * seen here; `replace` makes ours of the exports of a CommonJS Baileys.
 */
export function hookImports(
  onImport: (specifier: string) => void,
  replace: (exports: unknown, url: string) => unknown,
): void {
  const { registerHooks } = module as { registerHooks?: (hooks: SyncHooks) => unknown }
  const toThread = () => hookThread(onImport)
  if (registerHooks)
    registerHooks({
      resolve: (specifier, context, next) => {
        onImport(specifier)
        const found = next(specifier, context)
        if (isBaileys(found.url)) keepCompiled()
        return led(found, context)
      },
      load: (url, context, next) => loaded(url) ?? next(url, context),
    })
  else if (readsByPromise.test(process.versions.node)) hookReads({ onImport, replace, toThread })
  else toThread()
}
