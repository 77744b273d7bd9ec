import { leastNoticed } from './folders.ts'
import { percent, type Share } from './shares.ts'

/** `docs/noticed.md`, as it follows from a run. */
export function pageOf(
  shares: readonly Share[],
  { seed, count, date = new Date() }: { readonly seed: string; readonly count: string; readonly date?: Date },
): string {
  const rows = shares.map(
    ({ folder, tried, noticed, reasoned, unreached }) =>
      `| ${folder === 'all' ? '**all**' : `\`src/${folder}\``} | ${tried} | ${noticed} (${percent(noticed, tried)}) | ` +
      `${reasoned} | ${unreached} | ${percent(noticed + reasoned, tried)} of ${leastNoticed(folder)} % |`,
  )
  return `# How many careless changes the tests notice

Written by \`npm run mutants -- --only src/ --count ${count} --seed ${seed} --page docs/noticed.md\` on
${date.toISOString().slice(0, 10)}: at most ${count} changes of each folder, drawn by the seed, each of which type-checks. What counts is
that a fast test notices: one that stays in its process and is done within four seconds.

"Has a reason" are changes that alter nothing that anyone can see; \`test/mutants/faults/survivors.json\` says why.
"Run by none" are changes in code that only slower tests run, which start processes or wait; those are not asked here.
The last column is what was noticed or has a reason, and what is asked for.

| Folder | Tried | Noticed | Has a reason | Run by none | Share |
|---|---:|---:|---:|---:|---|
${rows.join('\n')}

Not tried: the words of \`src/languages\`, and the two pages that run in a browser.
`
}
