import { type Command, Option } from 'commander'
import { connectionMachine } from '../../machines/index.ts'
import { graphOf } from '../diagram/graph.ts'
import { toJson } from '../diagram/json.ts'
import { toMermaid } from '../diagram/mermaid.ts'
import { print } from './output.ts'

/** What the statechart can be printed as. */
const formats = {
  mermaid: () => toMermaid(graphOf(connectionMachine.root)),
  json: () => toJson(connectionMachine.root),
} as const

interface DiagramOptions {
  readonly format: keyof typeof formats
}

/** `lifeline diagram`: the statechart, to be drawn elsewhere. */
export function addDiagram(program: Command): void {
  program
    .command('diagram')
    .description('print the statechart: Mermaid text, or JSON that Stately Studio imports')
    .addOption(new Option('--format <format>', 'how').choices(Object.keys(formats)).default('mermaid'))
    .action(({ format }: DiagramOptions) => print(formats[format]().trimEnd()))
}
