import { readFileSync } from 'node:fs'

/** The shell that npm has put between itself and this process, and npm. */
export interface NpmShell {
  readonly shell: number
  readonly npm: number
}

/**
 * What a person writes so that a program goes on without what has started it. In quotes it is an argument; after `>` or
 * before another `&` it is something else.
 */
const staysBehind = /(?<![>&])&(?![>&])|\b(?:nohup|setsid|disown)\b/
const quoted = /'[^']*'|"(?:\\.|[^"\\])*"|\\./g

/**
 * The shell of `npm exec`, `npx`, `npm start` or `npm run` that waits for this process, so that its end before ours
 * means that it was ended by a signal; `undefined` if there is none, or the script sends the program to the background.
 * Asked of `/proc`: where there is none, on macOS, the shell is replaced by the program and the signal arrives.
 */
export function npmShell(
  env: NodeJS.ProcessEnv = process.env,
  { pid, ppid: shell }: Pick<NodeJS.Process, 'pid' | 'ppid'> = process,
  read = textOf,
): NpmShell | undefined {
  const { npm_lifecycle_script: script = '' } = env
  if (script === '' || shell <= 1) return undefined
  // At a terminal it is a person who ends it, and may want what goes on when the terminal is closed.
  if (factOf(read(`/proc/${pid}/stat`), terminal) !== 0) return undefined
  const command = shellCommand(read(`/proc/${shell}/cmdline`))
  // The variables reach every descendant; the shell itself is above one process alone.
  if (command?.startsWith(script) !== true || staysBehind.test(command.replace(quoted, ''))) return undefined
  const npm = factOf(read(`/proc/${shell}/stat`), parent)
  return npm === undefined || npm <= 1 ? undefined : { shell, npm }
}

/** What stands after `-c` in the command line of a shell. */
function shellCommand(line: string | undefined): string | undefined {
  const [, ...args] = (line ?? '').split('\0')
  return args[args.indexOf('-c') + 1]
}

/** Where facts stand in `/proc/<pid>/stat`, counted from the state of the process. */
const [parent, terminal] = [1, 4]

/** The name of a program stands in parentheses and may hold more of them. */
function factOf(stat: string | undefined, index: number): number | undefined {
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[index])
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
