import { existsSync, readdirSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { named } from './entry.ts'

const { register } = module
let started = false

/**
 * Up to Node 22.14 hooks of imports run in a thread of their own, which costs a start more than all else here: only
 * where a Baileys may be found, and once.
 */
export function hookThread(onImport: (specifier: string) => void, begin: typeof register = register): void {
  if (started || !mayImportBaileys(process.cwd(), process.argv[1])) return
  started = true
  const { MessageChannel, receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads')
  const { port1, port2 } = new MessageChannel()
  port1.on('message', onImport).unref()
  // A program may end before it has come to what that thread has told.
  process.on('exit', () => {
    for (let told = receiveMessageOnPort(port1); told; told = receiveMessageOnPort(port1)) onImport(told.message)
  })
  begin(new URL('./hooks.js', import.meta.url), { data: { port: port2 }, transferList: [port2] })
}

/** Whether a program could find a Baileys from where it lies, or from where it was started. */
export function mayImportBaileys(startedFrom: string, program: string | undefined): boolean {
  const froms = [startedFrom, ...(program === undefined ? [] : [dirname(program)])]
  return froms.some((from) => reaches(from))
}

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
