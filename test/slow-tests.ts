import { type RunnerTestFile, TestRunner } from 'vitest'
import { slow, slowTogether, turnOf, whole } from './share.ts'

type Task = RunnerTestFile['tasks'][number]

/** Runs `npm test`: leaves out the slow tests that have no turn today, before anything is set up for them. */
export default class SlowTests extends TestRunner {
  onCollected(files: RunnerTestFile[]): void {
    if (whole) return
    for (const file of files) {
      const path = file.name.replace(/^(?:dist\/)?test\//, '').replace(/\.[jt]s$/, '')
      const tags = new Set(tagsOf(file))
      if (tags.has(slowTogether)) rest(file, () => turnOf(path))
      else if (tags.has(slow)) rest(file, (name) => turnOf(`${path}${name}`))
    }
  }
}

/** Those of a file are on each of its tests. */
const tagsOf = (task: Task | RunnerTestFile): readonly string[] =>
  task.type === 'suite' ? task.tasks.flatMap(tagsOf) : (task.tags ?? [])

/** A group of which every test rests is not set up. */
function rest(task: Task | RunnerTestFile, hasTurn: (name: string) => boolean, above = ''): void {
  const name = `${above} ${task.name}`
  if (task.type === 'suite') {
    for (const inner of task.tasks) rest(inner, hasTurn, task.type === 'suite' && 'filepath' in task ? '' : name)
    if (task.tasks.length > 0 && task.tasks.every(({ mode }) => mode === 'skip' || mode === 'todo')) task.mode = 'skip'
  } else if (task.mode === 'run' && !hasTurn(name)) task.mode = 'skip'
}
