import type { FastCases } from './fast-cases.ts'
import type { Chosen, Noticed, Request } from './trial.ts'
import type { WarmProcess } from './warm-process.ts'

/** What fails for another reason than the change is left out, and the others are asked again: so often. */
const turns = 4

/** The cases of the same file, up to this one. */
const upTo = (run: readonly Chosen[], { test, at }: Noticed): readonly Chosen[] =>
  run
    .filter((one) => one.test === test)
    .map(({ cases = [] }) => ({ test, cases: cases.slice(0, cases.indexOf(at) + 1) }))

/**
 * Which case fails on what is changed. That counts if it passes when nothing is changed, in the same process or, with
 * the change failing again, in a fresh one; where it fails only after the cases before it, they all have to pass.
 */
export async function noticedBy(
  warm: Pick<WarmProcess, 'ask' | 'end'>,
  cases: Pick<FastCases, 'bound' | 'unfit'>,
  what: Pick<Request, 'fault' | 'hollow'>,
  chosen: () => readonly Chosen[],
): Promise<Noticed | undefined> {
  for (let turn = 0; turn < turns; turn += 1) {
    const run = chosen()
    const { noticed } = run.length > 0 ? await warm.ask({ ...what, run }, cases.bound) : { noticed: undefined }
    if (!noticed) return undefined
    const { test, at } = noticed
    const again = at < 0 ? run.filter((one) => one.test === test) : [{ test, cases: [at] }]
    if (!(await warm.ask({ run: again }, cases.bound)).noticed) {
      if (at < 0 || (await warm.ask({ ...what, run: again }, cases.bound)).noticed) return noticed
      warm.end()
      const before = upTo(run, noticed)
      if (before.length === 0 || !(await warm.ask({ run: before }, cases.bound)).noticed) return noticed
      warm.end()
      cases.unfit(test, at)
      continue
    }
    // Something was left behind, or it fails now and then, or it needs what a case before it did.
    warm.end()
    const afresh = await warm.ask({ run: again }, cases.bound)
    warm.end()
    if (afresh.noticed) {
      for (const one of again) for (const place of one.cases ?? []) cases.unfit(one.test, place)
      continue
    }
    const still = await warm.ask({ ...what, run: again }, cases.bound)
    warm.end()
    if (still.noticed) return still.noticed
  }
  return undefined
}
