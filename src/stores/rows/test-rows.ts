import { LifelineError } from '../../errors/errors.ts'
import { type RowRule, rowRules } from './row-rules.ts'
import type { Rows } from './rows.ts'

/** What rows did not do that they have to. */
export class RowsError extends LifelineError {
  /** The name of its class. */
  override readonly name = 'RowsError'
  /** A line for each rule that does not hold. */
  readonly broken: readonly string[]

  constructor(broken: readonly string[]) {
    super(
      'ROWS_BROKEN',
      `These rows would lose something:\n${broken.join('\n')}`,
      'Correct them; nothing else was asked.',
    )
    this.broken = broken
  }
}

/**
 * Holds an implementation of rows to what a store needs of it. `rows` are empty and nobody's; `another` is a second
 * handle on the same rows, as another process would have it: without it nothing is said about two owners. Resolves with
 * the rules that hold; rejects with `RowsError`, or with a `LifelineError` of code `ROWS_IN_USE` if something is there,
 * untouched. What it wrote it removes.
 */
export async function testRows(rows: Rows, another?: Rows): Promise<readonly string[]> {
  await rows.claim()
  for (const table of ['account', 'own'] as const)
    if ((await rows.names(table)).length > 0) {
      await rows.close()
      throw new LifelineError('ROWS_IN_USE', 'Something is in these rows. Nothing was changed.', 'Give empty ones.')
    }
  const held: string[] = []
  const broken: string[] = []
  for (const rule of rowRules) {
    if (rule.owners === 2 && another === undefined) continue
    const found = await lookAt(rule, rows, another ?? rows)
    if (found === undefined) held.push(rule.rule)
    else broken.push(`- ${rule.rule}: ${found}`)
  }
  await Promise.all([another?.close(), rows.close()])
  if (broken.length > 0) throw new RowsError(broken)
  return held
}

/** What does not hold, in words. */
async function lookAt({ look }: RowRule, rows: Rows, another: Rows): Promise<string | undefined> {
  try {
    await rows.claim()
    return await look(rows, another)
  } catch (error) {
    return `it threw ${error instanceof Error ? error.message : String(error)}`
  } finally {
    await tidy(rows).catch(() => undefined)
  }
}

async function tidy(rows: Rows): Promise<void> {
  await rows.claim()
  for (const table of ['account', 'staging', 'own', 'quarantine'] as const) {
    const names = await rows.names(table)
    await rows.commit(names.map((name) => ({ table, name, content: null })))
  }
}

export { rowRules }
