import { type RunnerTestFile, TestRunner } from 'vitest'
import { slow, slowTogether, turnOf, whole } from './share.ts'

type Task = RunnerTestFile['tasks'][number]

/** Runs `npm test`: leaves out the slow tests that have no turn today, before anything is set up for them. */
export default class SlowTests extends TestRunner {
  onCollected(files: RunnerTestFile[]): void {
    if (whole) return
    for (const file of files) {
      const path = file.name.replace(/^(?:dist\/)?test\//, '').replace(/\.[jt]s$/, '')
      for (const task of file.tasks) rest(task, path, path)
      if (rests(file.tasks)) file.mode = 'skip'
    }
  }
}

/** A group of which every test rests is not set up. */
function rest(task: Task, path: string, above: string): void {
  const name = `${above} ${task.name}`
  if (task.type === 'suite') {
    for (const inner of task.tasks) rest(inner, path, name)
    if (rests(task.tasks)) task.mode = 'skip'
  } else if (task.mode === 'run') {
    // Those of a file are on each of its tests.
    const { tags = [] } = task
    const isTurn = tags.includes(slowTogether) ? turnOf(path) : !tags.includes(slow) || turnOf(name)
    if (!isTurn) task.mode = 'skip'
  }
}

const rests = (tasks: readonly Task[]): boolean =>
  tasks.length > 0 && tasks.every(({ mode }) => mode === 'skip' || mode === 'todo')
