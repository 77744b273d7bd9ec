import { type Command, Option } from 'commander'
import { print } from './output.ts'

/** What the statechart can be printed as. */
const formats = ['mermaid', 'json'] as const

interface DiagramOptions {
  readonly format: (typeof formats)[number]
}

/** `lifeline diagram`: the statechart, to be drawn elsewhere. */
export function addDiagram(program: Command): void {
  program
    .command('diagram')
    .description('print the statechart: Mermaid text, or JSON that Stately Studio imports')
    .addOption(new Option('--format <format>', 'the format').choices(formats).default('mermaid'))
    .action(async ({ format }: DiagramOptions) => print((await drawn(format)).trimEnd()))
}

async function drawn(format: DiagramOptions['format']): Promise<string> {
  const { connectionMachine } = await import('../../machines/index.ts')
  if (format === 'json') return (await import('../diagram/json.ts')).toJson(connectionMachine.root)
  const [{ graphOf }, { toMermaid }] = await Promise.all([
    import('../diagram/graph.ts'),
    import('../diagram/mermaid.ts'),
  ])
  return toMermaid(graphOf(connectionMachine.root))
}
