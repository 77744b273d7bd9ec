import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

interface Comment {
  readonly summary: readonly { readonly text: string }[]
}
/** The part of what TypeDoc knows of a name that is used here. */
interface Reflection {
  readonly name: string
  readonly variant: 'declaration' | 'reference' | 'project'
  readonly comment?: Comment
  readonly signatures?: readonly Reflection[]
  readonly children?: readonly Reflection[]
  readonly kind: number
}

/** TypeDoc's numbers for what exists while a program runs. */
const kinds = { variable: 32, function: 64, class: 128 } as const

/** For those who look inside. Described as the others are, and left out of the page: it is half as long as they. */
const inside = 'machine'

const intro = `# What each door of the package gives

A line for each name. Its whole description, with parameters, defaults and errors, stands in the types, which an editor
shows; \`npm run reference\` in the repository makes a site of them. \`baileys-lifeline/machine\`, the statechart and its
pure decisions, is described there alone.
`

/**
 * The page on the public names, by TypeDoc from the types of the package. Rejects with what TypeDoc says if a name has
 * no description. `project` is the top of the project, with \`lib/\` built; `doors` are the names of its types there.
 */
export async function referencePage(project: URL, doors: readonly string[]): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-reference-'))
  try {
    const file = join(place, 'reference.json')
    const program = ['--import', './pages/typescript-6.mjs', 'node_modules/typedoc/bin/typedoc', '--json', file]
    await promisify(execFile)(process.execPath, program, { cwd: fileURLToPath(project) })
    const { children = [] }: Reflection = JSON.parse(await readFile(file, 'utf8'))
    const byName = new Map(children.map((door) => [door.name, door]))
    const sections = doors.map((door) => {
      const names = byName.get(door)?.children
      if (names === undefined) throw new Error(`typedoc.json does not name the door ${door}`)
      const text = sectionOf(door, names)
      return door === inside ? '' : `\n${text}`
    })
    return `${intro}${sections.join('')}`
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

function sectionOf(door: string, names: readonly Reflection[]): string {
  const own = names.filter(({ variant }) => variant === 'declaration')
  const values = own.filter(({ kind }) => Object.values(kinds).some((one) => one === kind))
  const types = own.filter((one) => !values.includes(one))
  const bare = own.filter((one) => firstSentence(one) === '')
  if (bare.length > 0) throw new Error(`no description: ${bare.map(({ name }) => `${door}.${name}`).join(', ')}`)
  const rows = [...values, ...types].map((one) => `| \`${called(one)}\` | ${firstSentence(one)} |`)
  const title = door === 'index' ? 'baileys-lifeline' : `baileys-lifeline/${door}`
  return `## \`${title}\`\n\n| name | |\n| --- | --- |\n${rows.join('\n')}\n`
}

const called = ({ name, kind }: Reflection): string => (kind === kinds.function ? `${name}()` : name)

function firstSentence({ comment, signatures }: Reflection): string {
  const { summary = [] } = comment ?? signatures?.[0]?.comment ?? {}
  const text = summary.map((part) => part.text).join('')
  const [sentence = ''] = /^.*?(?:\.(?=\s)|$)/s.exec(text) ?? []
  return sentence.replace(/\s+/g, ' ').replace(/\.$/, '').replaceAll('|', '\\|')
}
