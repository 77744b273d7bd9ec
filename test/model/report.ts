import type { Graph } from './graph.ts'

export interface Explored {
  readonly name: string
  readonly graph: Graph
}

const number = (value: number): string => value.toLocaleString('en')

/** How large one of them is. */
export const row = ({ name, graph: { situations, ways, tried, again } }: Explored): string =>
  `| ${name} | ${[situations.size, ways.length, tried, again].map(number).join(' | ')} |`

/** What was checked, in the words of the promises, with how often each of them had something to say. */
export function report(explored: readonly Explored[], states: number, checks: ReadonlyMap<string, number>): string {
  return `# The statechart, checked whole

Written by \`LIFELINE_WHOLE=1 npx vitest run test/model -u\`, which takes about half a minute; a run without \`-u\` fails where this is no longer true. \`npm test\`
checks a quarter of it each day, another one on each of four days.

All ${states} states are reached. What a situation is, and why what is left out of it does not matter, is told in \`abstraction.ts\`; which events
come together with which in \`aspects.ts\`.

| | situations | steps that change something | events tried | met again and gone on from |
|---|---:|---:|---:|---:|
${explored.map(row).join('\n')}

Every event there is was tried in every situation, handled there or not: all causes of a close, all that messages can show, results and errors of every
service, timers, also those that fire while a clock that was set back says that it is too early, commands, and all that a socket says, of the newest generation and
of an older one.

| promise of the contract | times checked |
|---|---:|
${[...checks].map(([promise, times]) => `| ${promise} | ${number(times)} |`).join('\n')}
`
}
