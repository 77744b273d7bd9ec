import { type ToldThreshold, toldThresholds } from '../src/cli/thresholds.ts'

const groupOf = ({ path }: ToldThreshold): string => path.slice(0, path.indexOf('.'))

const intro = `# The policy

Every threshold is an option: \`createLifeline({ policy: { reconnect: { maxMs: 60_000 } } })\`, the same for \`supervise\`
and \`createFleet\`, and \`--policy file.json\` at the shell. What you leave out keeps its default. Times are in
milliseconds. A wrong value is refused at the start, with its path and what is allowed.
`

/** The page on the thresholds, from the table that the checks come from. */
export function policyPage(): string {
  const groups = [...new Set(toldThresholds.map(groupOf))]
  const tables = groups.map((group) => {
    const rows = toldThresholds.filter((row) => groupOf(row) === group)
    const lines = rows.map(({ path, usual, allowed, says }) => `| \`${path}\` | ${usual} | ${allowed} | ${says} |`)
    return `## ${group}\n\n| option | default | allowed | what for |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`
  })
  return `${intro}\n${tables.join('\n')}`
}
