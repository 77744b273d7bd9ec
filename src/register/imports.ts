import { existsSync, readdirSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { keepCompiled } from './compiled.ts'
import { isBaileys } from './entry.ts'
import { led, loaded } from './hooks.ts'

interface SyncHooks {
  resolve(specifier: string, context: Context, next: (specifier: string, context: Context) => Resolved): Resolved
  load(url: string, context: object, next: (url: string, context: object) => Loaded): Loaded
}
type Context = Parameters<typeof led>[1]
type Resolved = ReturnType<typeof led>
type Loaded = NonNullable<ReturnType<typeof loaded>>

/**
 * Has every import of a Baileys, static or dynamic, led to the module in its place. `onImport` is told each that is
 * seen here.
 */
export function hookImports(onImport: (specifier: string) => void): void {
  const { registerHooks } = module as { registerHooks?: (hooks: SyncHooks) => unknown }
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
  // Up to Node 22.14 such hooks run in a thread of their own, which costs more than all else here.
  else if (mayImportBaileys(process.argv[1])) {
    const { port1, port2 } = new MessageChannel()
    port1.on('message', onImport).unref()
    // A program may end before it has come to what that thread has told.
    process.on('exit', () => {
      for (let told = receiveMessageOnPort(port1); told; told = receiveMessageOnPort(port1)) onImport(told.message)
    })
    module.register(new URL('./hooks.js', import.meta.url), { data: { port: port2 }, transferList: [port2] })
  }
}

/** Whether a program could find a Baileys from where it lies, or from where it was started. */
function mayImportBaileys(program: string | undefined): boolean {
  const froms = [process.cwd(), ...(program === undefined ? [] : [dirname(program)])]
  return froms.some((from) => reaches(from))
}

const named = /b[ae]il[ae]ys/i

function reaches(from: string): boolean {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.pnp.cjs')) || holds(join(folder, 'node_modules'))) return true
    if (folder === dirname(folder)) return false
  }
}

/** Under its own name, under an alias, in the store of pnpm, or below a scope. */
function holds(modules: string): boolean {
  const names = namesIn(modules)
  if (names.some((name) => named.test(name))) return true
  const scopes = names.filter((name) => name.startsWith('@') || name === '.pnpm')
  if (scopes.some((scope) => namesIn(join(modules, scope)).some((name) => named.test(name)))) return true
  return names.some((name) => existsSync(join(modules, name, 'WAProto')))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
