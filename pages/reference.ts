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
  readonly type?: Type
  /** Of an accessor. */
  readonly getSignature?: Reflection
  readonly inheritedFrom?: unknown
}
/** The part of a type that is used here. */
interface Type {
  readonly type: string
  /** Of an object type. */
  readonly declaration?: Reflection
  /** Of a union. */
  readonly types?: readonly Type[]
  readonly elementSummaries?: readonly Comment['summary'][]
}

/** TypeDoc's numbers for what exists while a program runs. */
const kinds = { variable: 32, function: 64, class: 128 } as const
/** What its class says is said of it, too. */
const construction = 512

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
  const silent = own.flatMap((one) => bareMembers(one))
  if (silent.length > 0) throw new Error(`no description: ${silent.map((name) => `${door}.${name}`).join(', ')}`)
  const rows = [...values, ...types].map((one) => `| \`${called(one)}\` | ${firstSentence(one)} |`)
  const title = door === 'index' ? 'baileys-lifeline' : `baileys-lifeline/${door}`
  return `## \`${title}\`\n\n| name | |\n| --- | --- |\n${rows.join('\n')}\n`
}

/**
 * The members of a name that say nothing of themselves: of a class, an interface or an object its fields and methods,
 * of a union those of its forms that are objects or functions. What lies deeper is described where it hangs.
 */
function bareMembers({ name, kind, type, children = [] }: Reflection): readonly string[] {
  const parts = type?.type === 'intersection' ? (type.types ?? []) : type ? [type] : []
  const members = [...children, ...parts.flatMap(({ declaration }) => declaration?.children ?? [])]
  // The statechart's own type is XState's, and its states say what they are in the diagram.
  const own = kind === kinds.variable && name === 'connectionMachine' ? [] : members
  const bare = own.filter((one) => one.kind !== construction && !one.inheritedFrom && firstSentence(one) === '')
  const forms = (type?.type === 'union' ? (type.types ?? []) : []).flatMap((form, at) => {
    const said = type?.elementSummaries?.[at]?.some(({ text }) => text.trim() !== '')
    return form.type === 'reflection' && !said ? [`form ${at + 1}`] : []
  })
  return [...bare.map((one) => one.name), ...forms].map((one) => `${name}.${one}`)
}

const called = ({ name, kind }: Reflection): string => (kind === kinds.function ? `${name}()` : name)

function firstSentence({ comment, signatures, getSignature }: Reflection): string {
  const { summary = [] } = comment ?? signatures?.[0]?.comment ?? getSignature?.comment ?? {}
  const text = summary.map((part) => part.text).join('')
  const [sentence = ''] = /^.*?(?:\.(?=\s)|$)/s.exec(text) ?? []
  return sentence.replace(/\s+/g, ' ').replace(/\.$/, '').replaceAll('|', '\\|')
}
