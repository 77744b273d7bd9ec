import { leastNoticed } from './folders.ts'
import { percent, type Share } from './shares.ts'

interface Run {
  /** The options that chose the faults. */
  readonly options: string
  readonly date?: Date
}

/** `docs/noticed.md`: what was noticed at first, and what is noticed of the same since tests were written for them. */
export function pageOf(first: readonly Share[], now: readonly Share[], { options, date = new Date() }: Run): string {
  const rows = first.map(({ folder, tried, noticed, unreached }) => {
    const left = { noticed, slower: 0, reasoned: 0 }
    const { noticed: since, slower, reasoned } = now.find((one) => one.folder === folder) ?? left
    const name = folder === 'all' ? '**all**' : `\`src/${folder}\``
    const atFirst = `${noticed} (${percent(noticed, tried)})`
    const held = `${percent(since + slower + reasoned, tried)} | ${leastNoticed(folder)} %`
    return `| ${name} | ${tried} | ${atFirst} | ${unreached} | ${since} | ${slower} | ${reasoned} | ${held} |`
  })
  return `# How many careless changes the tests notice

Changes of \`src/\` that a careless hand makes (a lost condition, two arguments that change places, a dropped await, the
wrong clock), each of which type-checks, drawn by a seed from each folder. What counts is that a fast test notices: one
that stays in its process, works less than 1.5 s and is done within 4 s.

- **At first**: noticed when the change was drawn. This is what a change of tomorrow meets.
- **Run by none**: not noticed, in code that no fast test runs.
- **Now**: noticed of the same changes, after tests were written for some that were not; or the code is gone.
- **By slower tests**: by no fast test now, but by one that starts processes or a browser, or takes longer. Under
  \`npm test\` each of these runs once in two weeks. Only the nearest are asked, and only where no reason is known.
- **Has a reason**: it alters nothing that anyone can see; \`test/mutants/faults/survivors.json\` says why.

Written on ${date.toISOString().slice(0, 10)} by \`npm run mutants\`, with
${options}.

| Folder | Tried | At first | Run by none | Now | By slower tests | Has a reason | All of these | Asked for |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}

Not tried: the words of \`src/languages\`, the pages that run in a browser, and folders that are not in the table.
`
}
