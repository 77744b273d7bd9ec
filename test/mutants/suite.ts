import { expect } from './expected.ts'

export { vi } from 'vitest'
export { expect }

/**
 * As much of a test runner as it takes to run test files again and again within one process, which vitest's own takes
 * seconds for. The files find it in place of vitest; what they expect is still judged by vitest's `expect`.
 */
type Run = (...args: readonly unknown[]) => unknown
export interface Case {
  readonly title: string
  readonly run: () => unknown
  readonly group: Group
}
interface Group {
  readonly parent: Group | undefined
  readonly before: Run[]
  readonly after: Run[]
  readonly beforeEach: Run[]
  readonly afterEach: Run[]
  entered: boolean
}

// Some of vitest's matchers ask for the worker that they run in, and use nothing of it.
Object.assign(globalThis, { __vitest_worker__: { config: {}, metaEnv: process.env } })

const groupIn = (parent: Group | undefined): Group => ({
  parent,
  before: [],
  after: [],
  beforeEach: [],
  afterEach: [],
  entered: false,
})

let cases: Case[] = []
let group = groupIn(undefined)
let groups: Group[] = [group]

const runOf = (rest: readonly unknown[]): Run => {
  const run = rest.find((one): one is Run => typeof one === 'function')
  if (!run) throw new Error('a test without a body')
  return run
}
const finishers: Run[] = []
const given = { expect, onTestFinished: (run: Run) => finishers.push(run), task: { file: { tasks: [] } } }

function single(title: string, ...rest: readonly unknown[]): void {
  cases.push({ title, run: () => runOf(rest)(given), group })
}
function suite(_title: string, ...rest: readonly unknown[]): void {
  within(() => runOf(rest)())
}
function within(define: () => unknown): void {
  const outer = group
  group = groupIn(outer)
  groups.push(group)
  define()
  group = outer
}
const spread = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : [row])
const unless = (skip: unknown) => (skip ? () => undefined : single)
const suiteUnless = (skip: unknown) => (skip ? () => undefined : suite)

export const test = Object.assign(single, {
  for:
    (rows: readonly unknown[]) =>
    (title: string, ...rest: readonly unknown[]): void => {
      for (const [at, row] of rows.entries()) single(`${title} #${at}`, () => runOf(rest)(row, given))
    },
  each:
    (rows: readonly unknown[]) =>
    (title: string, ...rest: readonly unknown[]): void => {
      for (const [at, row] of rows.entries()) single(`${title} #${at}`, () => runOf(rest)(...spread(row)))
    },
  skipIf: unless,
  runIf: (run: unknown) => unless(!run),
})
export const describe = Object.assign(suite, {
  for:
    (rows: readonly unknown[]) =>
    (_title: string, ...rest: readonly unknown[]): void => {
      for (const row of rows) within(() => runOf(rest)(row))
    },
  each:
    (rows: readonly unknown[]) =>
    (_title: string, ...rest: readonly unknown[]): void => {
      for (const row of rows) within(() => runOf(rest)(...spread(row)))
    },
  skipIf: suiteUnless,
  runIf: (run: unknown) => suiteUnless(!run),
})
export const beforeAll = (run: Run): number => group.before.push(run)
export const afterAll = (run: Run): number => group.after.push(run)
export const beforeEach = (run: Run): number => group.beforeEach.push(run)
export const afterEach = (run: Run): number => group.afterEach.push(run)
export const onTestFinished = (run: Run): number => finishers.push(run)

/** Forgets what files have defined so far. */
export function clear(): void {
  cases = []
  group = groupIn(undefined)
  groups = [group]
}

const lineOf = (inner: Group): readonly Group[] => (inner.parent ? [...lineOf(inner.parent), inner] : [inner])

export async function play({ run, group: own }: Case): Promise<void> {
  const line = lineOf(own)
  for (const one of line) {
    if (!one.entered) for (const prepare of one.before) await prepare()
    one.entered = true
  }
  for (const one of line) for (const prepare of one.beforeEach) await prepare(given)
  try {
    await run()
  } finally {
    for (const finish of finishers.splice(0).reverse()) await finish()
    for (const one of line.toReversed()) for (const finish of one.afterEach) await finish(given)
  }
}

/** What was defined, in the order of the file, for whoever runs each by itself; `leave` ends what they have begun. */
export const defined = (): readonly Case[] => cases
export async function leave(): Promise<void> {
  for (const one of groups.toReversed()) if (one.entered) for (const finish of one.after) await finish()
  for (const one of groups) one.entered = false
}

export interface Failure {
  readonly title: string
  readonly error: unknown
}

/** Of this process, in milliseconds: what a test waits for others on a busy machine is not its own. */
const worked = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** How much work each of what was defined is, in milliseconds, by its title; the first that fails ends it. */
export async function measured(): Promise<ReadonlyMap<string, number> | Failure> {
  const took = new Map<string, number>()
  const failure = await firstFailure(
    () => cases,
    (title, ms) => took.set(title, ms),
  )
  return failure ?? took
}

/** Runs what was defined, in this order, up to the first that fails. */
export async function firstFailure(
  order: (all: readonly Case[]) => readonly Case[],
  onTime: (title: string, ms: number) => void = () => undefined,
): Promise<Failure | undefined> {
  try {
    for (const one of order(cases)) {
      const before = worked()
      try {
        await play(one)
      } catch (error) {
        return { title: one.title, error }
      }
      onTime(one.title, worked() - before)
    }
    return undefined
  } finally {
    await leave()
  }
}
