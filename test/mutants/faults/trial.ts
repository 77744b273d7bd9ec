import { join } from 'node:path'
import * as fc from 'fast-check'
import '../../quick-keys.ts'
import { sources } from '../../project/imports.ts'
import { type Changes, loader } from '../loader.ts'
import { type Mutant, mutated } from '../mutant.ts'
import { type Hollowness, hollow } from './hollow.ts'
import { ownTime } from './own-time.ts'
import { telling } from './touched.ts'

// One process that runs cases of quick test files on changed sources again and again, and says which of them noticed.

/** Cases of a test file, by their places in it; all of them if none are named. */
export interface Chosen {
  readonly test: string
  readonly cases?: readonly number[]
}
/** What the process is told. */
export interface Request {
  /** In this order, until one fails; when they are measured, in spite of that. */
  readonly run: readonly Chosen[]
  /** Until it took so many milliseconds. */
  readonly measureMs?: number
  readonly fault?: Mutant
  /** Sources whose bodies are emptied or inverted. */
  readonly hollow?: { readonly files: readonly string[]; readonly how: Hollowness }
}
export interface Noticed {
  readonly test: string
  /** Its place in the file; -1 if it is the file as a whole. */
  readonly at: number
  readonly title: string
}
export interface Measured {
  readonly at: number
  readonly title: string
  /** Of work, and of its own time, in milliseconds. */
  readonly work: number
  readonly ms: number
  readonly failed: boolean
  /** The blocks that it ran. */
  readonly touched: readonly string[]
}
/** What it says: which case of how many it is about to run, what one took, and what came of all. */
export type Said =
  | { readonly begins: { readonly test: string; readonly at: number; readonly of: number } }
  | { readonly measured: Measured }
  | { readonly done: Noticed | 'passed' }

interface Case {
  readonly title: string
  readonly group: object
}
interface Suite {
  readonly clear: () => void
  readonly defined: () => readonly Case[]
  readonly play: (one: Case) => Promise<void>
  readonly leave: () => Promise<void>
}

// The same sequences for every fault, so that a survivor survives again.
fc.configureGlobal({ seed: 1 })
const root = process.cwd()
const { suitePath, runner, change } = await loader(root)
const ours = sources.filter((file) => /^(?:src|machines)\//.test(file))
let trouble: string | undefined
let touched = new Set<string>()
Object.assign(globalThis, { lifelineTouched: (place: string) => touched.add(place) })
const say = (said: Said): void => void process.send?.(said)

/** Of this process, in milliseconds: what it waits for on a busy machine is not its own work. */
const worked = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
const taken = (): readonly string[] => {
  const all = [...touched]
  touched = new Set()
  return all
}

async function played(suite: Suite, one: Case): Promise<string | undefined> {
  try {
    await suite.play(one)
  } catch (error) {
    console.error(error)
    return one.title
  }
  return trouble === undefined ? undefined : `leaves an error to nobody: ${trouble}`
}

async function file({ test, cases }: Chosen, measureMs: number | undefined): Promise<Noticed | undefined> {
  trouble = undefined
  say({ begins: { test, at: -1, of: 0 } })
  try {
    const suite = (await runner.import(suitePath)) as Suite
    suite.clear()
    taken()
    await runner.import(join(root, test))
    const loaded = taken()
    const all = suite.defined()
    const first = new Map<object, readonly string[]>()
    let sum = 0
    for (const at of cases ?? all.keys()) {
      const one = all[at]
      if (!one || sum > (measureMs ?? Number.POSITIVE_INFINITY)) continue
      say({ begins: { test, at, of: all.length } })
      const [before, begun] = [worked(), ownTime('self')]
      const failure = await played(suite, one)
      const own = taken()
      // What a group prepares for all is run with its first case.
      const shared = first.get(one.group) ?? own
      first.set(one.group, shared)
      const [work, ms] = [worked() - before, ownTime('self') - begun]
      const failed = failure !== undefined
      const blocks = [...new Set([...loaded, ...shared, ...own])]
      sum += ms
      if (measureMs !== undefined) say({ measured: { at, title: one.title, work, ms, failed, touched: blocks } })
      else if (failed) {
        say({ begins: { test, at: -1, of: all.length } })
        await suite.leave().catch(() => undefined)
        return { test, at, title: failure }
      }
      trouble = undefined
    }
    say({ begins: { test, at: -1, of: all.length } })
    await suite.leave()
  } catch (error) {
    return { test, at: -1, title: `cannot be run: ${String(error)}` }
  }
  return trouble === undefined ? undefined : { test, at: -1, title: `leaves an error to nobody: ${trouble}` }
}

const asItIs: Changes = new Map()
const toldOf: Changes = new Map(ours.map((path) => [path, (source) => telling(path, source)]))

async function answerTo({ run, measureMs, fault, hollow: hollowed }: Request): Promise<void> {
  const wrong: Changes = new Map([
    ...(fault ? [[fault.file, (source: string) => mutated(source, fault)] as const] : []),
    ...(hollowed?.files ?? []).map((path) => [path, (source: string) => hollow(path, source, hollowed?.how)] as const),
  ])
  change(measureMs !== undefined ? toldOf : wrong.size > 0 ? wrong : asItIs)
  let noticed: Noticed | undefined
  for (const one of run) noticed ??= await file(one, measureMs)
  say({ done: noticed ?? 'passed' })
}

process.on('uncaughtException', (error) => {
  trouble = error.message
})
process.on('unhandledRejection', (error) => {
  // What Baileys leaves behind when a connection ends is caught by the library, and is no trouble.
  if (!(error instanceof Error && error.message === 'Connection Closed')) trouble = String(error)
})
process.on('message', (request: Request) => void answerTo(request))
process.on('disconnect', () => process.exit())
process.send?.('ready')
