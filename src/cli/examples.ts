import type { Command, Option } from 'commander'

/**
 * How each command is called, by its name. The command is named by the package: `lifeline` alone is somebody else's on
 * npm, where it is not installed yet.
 */
export const examples: Readonly<Record<string, string>> = {
  demo: 'demo --stay',
  exec: 'exec --dashboard -- node gateway.js',
  run: 'run --auth ./whatsapp-auth --dashboard',
  link: 'link --auth ./whatsapp-auth',
  doctor: 'doctor --auth ./whatsapp-auth --fix',
  explain: 'explain --auth ./whatsapp-auth',
  prune: 'prune --all --auth ./whatsapp-auth',
  'quarantine list': 'quarantine list --auth ./whatsapp-auth',
  'quarantine restore': 'quarantine restore 2026-11-29T10-15-00.000Z --auth ./whatsapp-auth',
  diagram: 'diagram',
  torture: 'torture --connect ./my-connect.js --runs 10',
  import: 'import ./whatsapp-auth --lmdb ./whatsapp-account',
  export: 'export ./whatsapp-copy --lmdb ./whatsapp-account',
  'db migrate': 'db migrate --database postgres://user@host/name',
  'db reencrypt': 'db reencrypt --database postgres://user@host/name',
}

/** Ends the help of each command with its example, and marks the options that it cannot do without. */
export function withExamples(command: Command, above: readonly string[] = []): void {
  for (const one of command.commands) {
    const path = [...above, one.name()]
    const example = examples[path.join(' ')]
    if (example !== undefined) one.addHelpText('after', `\nExample:\n  npx baileys-lifeline ${example}`)
    one.configureHelp({ optionDescription: marked })
    withExamples(one, path)
  }
}

function marked(option: Option): string {
  const { description, mandatory, defaultValue, defaultValueDescription, argChoices } = option
  const more = [
    ...(mandatory ? ['required'] : []),
    ...(argChoices ? [`choices: ${argChoices.join(', ')}`] : []),
    ...(defaultValue === undefined || defaultValue === false || mandatory
      ? []
      : [`default: ${defaultValueDescription ?? JSON.stringify(defaultValue)}`]),
  ]
  return more.length === 0 ? description : `${description} (${more.join('; ')})`
}
