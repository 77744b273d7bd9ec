import { SeededRandom } from '../fake-whatsapp/random.ts'
import { isStepName, type Step, stepNames } from './steps.ts'

const fewest = 3
const most = 7

/** The schedule of a seed: the same for the same version of this package. */
export function scheduleOf(seed: number): readonly Step[] {
  const random = new SeededRandom(`schedule ${seed}`)
  return Array.from({ length: random.between(fewest, most) }, () => ({
    name: stepNames[random.between(0, stepNames.length - 1)] ?? 'reconnect',
    settled: random.between(0, 1) === 1,
  }))
}

/**
 * `440 damage +503`: a plus before a step that comes at once, while the account may still be busy with the one before.
 */
export const written = (schedule: readonly Step[]): string =>
  schedule.map(({ name, settled }) => (settled ? name : `+${name}`)).join(' ')

/** What {@link written} wrote; the name that is no step, if there is one. */
export function parseSchedule(text: string): readonly Step[] | { readonly unknown: string } {
  const read: Step[] = []
  for (const word of text.split(/[\s,]+/).filter((one) => one !== '')) {
    const name = word.replace(/^\+/, '')
    if (!isStepName(name)) return { unknown: name }
    read.push({ name, settled: !word.startsWith('+') })
  }
  return read
}

/** Leaves out step after step, for as long as it still fails; at most that many further runs. */
export async function shrink(
  schedule: readonly Step[],
  fails: (shorter: readonly Step[]) => Promise<boolean>,
  mostRuns: number,
): Promise<readonly Step[]> {
  let found = schedule
  let at = 0
  for (let runs = 0; runs < mostRuns && at < found.length; runs += 1) {
    const shorter = found.filter((_, index) => index !== at)
    if (await fails(shorter)) found = shorter
    else at += 1
  }
  return found
}
