/** One figure: ours, what it is measured beside in the same run, and their ratio. */
export interface Row {
  readonly what: string
  readonly ours: string
  readonly beside: string
  readonly ratio?: number
  readonly target: string
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

export function printTable(rows: readonly Row[]): void {
  for (const { what, ours, beside, ratio, target } of rows) {
    console.log(`\n${what}`)
    console.log(`  ours    ${ours}`)
    console.log(`  beside  ${beside}`)
    if (ratio !== undefined) console.log(`  ratio   ${ratio.toFixed(3)}${target ? `   (target ${target})` : ''}`)
    else if (target) console.log(`  target  ${target}`)
  }
}
