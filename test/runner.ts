import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { takeCoverage } from 'node:v8'
import { type RunnerTestFile, TestRunner } from 'vitest'
import { beginFile } from './faked-clock.ts'
import { inProject } from './root.ts'
import { isTogether, slow, slowTogether, turnOf, whole } from './share.ts'

type Task = RunnerTestFile['tasks'][number]

/** Files that have a day each, in an order: neighbours, which are of one kind mostly, have theirs one after another. */
const together = readdirSync(inProject('test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && isTogether(readFileSync(inProject(`test/${file}`), 'utf8')))
  .map((file) => file.replaceAll('\\', '/').replace(/\.ts$/, ''))
  .toSorted()

/** Runs `npm test`. */
export default class Runner extends TestRunner {
  /** Not within an asynchronous function: what comes after it has to be in the same context. */
  onBeforeCollect([path = '']: string[]): void {
    beginFile(path)
  }

  /** As Node does it; a worker loads each file once (`plain-imports.ts`). */
  override async importFile(path: string): Promise<void> {
    await import(pathToFileURL(path).href)
  }

  /** Under `npm run coverage:all`: a worker is ended by a signal, and what it has run would be lost with it. */
  override onAfterRunFiles(): void {
    super.onAfterRunFiles()
    if (process.env.NODE_V8_COVERAGE !== undefined) takeCoverage()
  }

  /** Leaves out the slow tests that have no turn today, before anything is set up for them. */
  onCollected(files: RunnerTestFile[]): void {
    if (whole) return
    for (const file of files) {
      const path = file.name.replace(/^(?:dist\/)?test\//, '').replace(/\.[jt]s$/, '')
      const places = { taken: 0 }
      for (const task of file.tasks) rest(task, path, places)
      if (rests(file.tasks)) file.mode = 'skip'
    }
  }
}

/**
 * The slow tests of a file are spread evenly over the days, by their order. A group of which every test rests is not
 * set up.
 */
function rest(task: Task, path: string, places: { taken: number }): void {
  if (task.type === 'suite') {
    for (const inner of task.tasks) rest(inner, path, places)
    if (rests(task.tasks)) task.mode = 'skip'
  } else {
    // Those of a file are on each of its tests.
    const { tags = [] } = task
    const isSlow = tags.includes(slow)
    const isTurn = tags.includes(slowTogether)
      ? turnOf('together', together.indexOf(path))
      : !isSlow || turnOf(path, places.taken)
    if (isSlow) places.taken += 1
    if (task.mode === 'run' && !isTurn) task.mode = 'skip'
  }
}

const rests = (tasks: readonly Task[]): boolean =>
  tasks.length > 0 && tasks.every(({ mode }) => mode === 'skip' || mode === 'todo')
