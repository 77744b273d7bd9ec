import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { basename, delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mendRemembered } from '../drop-in/register/mending.ts'
import { npmShell } from '../drop-in/register/npm-shell.ts'
import { endWithNpm } from '../drop-in/register/parent.ts'
import { parentVariable } from '../drop-in/register/settings.ts'
import { environmentOf } from './exec-environment.ts'
import type { ExecOptions } from './exec-options.ts'
import { exitCodes, UsageError } from './failure.ts'
import { introduce, type Party } from './talk.ts'

/** Its own preloads: a hook of Node's does not reach it. */
const otherRuntimes: ReadonlySet<string> = new Set(['bun', 'bunx', 'deno'])

/** What of this process says how a program can be run. */
interface Here {
  readonly platform: NodeJS.Platform
  /** Since Node 22.15. */
  readonly execve?: ((file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never) | undefined
  /** This process, if a manager talks with it. */
  readonly talks?: Party | undefined
}

const here = (): Here => ({
  ...{ platform: process.platform, talks: process.channel ? (process as Party) : undefined },
  execve: (process as Pick<Here, 'execve'>).execve?.bind(process),
})

/**
 * In its place where the system can do that, so that signals, terminal and exit code are the program's own; else beside
 * it.
 */
export async function execute(
  command: readonly string[],
  options: ExecOptions,
  { platform, execve, talks }: Here = here(),
): Promise<number> {
  const [name, ...args] = command
  if (name === undefined)
    throw new UsageError(
      'No program was named.',
      'Write it after --, e.g. npx baileys-lifeline exec -- node gateway.js',
    )
  if (otherRuntimes.has(basename(name)))
    throw new UsageError(
      `${basename(name)} does not load Node's hooks, so nothing in it would be supervised.`,
      'Run the gateway with node, or use supervise() of baileys-lifeline/drop-in in its code.',
    )
  const file = programOf(name)
  const env = { ...process.env, ...(await environmentOf(options)), NODE_OPTIONS: nodeOptions() }
  // Whatever the program is that looks at a folder first.
  mendRemembered(env)
  // A manager that talks with this process would talk with nobody then.
  if (execve && platform !== 'win32' && !talks) return execve(file, [name, ...args], { ...env, ...inPlaceUnderNpm() })
  return beside(file, args, env, talks)
}

/** The program looks for npm by itself, but may be too late for an npm that ends at once. */
function inPlaceUnderNpm(): Record<string, string> {
  const above = npmShell()
  return above === undefined ? {} : { [parentVariable]: `${above.shell}/${process.pid}/${above.npm}` }
}

const registerUrl = new URL('../drop-in/register/register.js', import.meta.url)

/**
 * An absolute path: a bare name is looked for from the folder that each program is started in. By `require`, which has
 * nothing else loaded; `--import` has Node set up its loader of ES modules in programs that have none, too. First, as
 * others may give that loader hooks.
 */
export function nodeOptions(register = fileURLToPath(registerUrl)): string {
  const preload = `--require=${quoted(register)}`
  const { NODE_OPTIONS: given = '' } = process.env
  return given.includes(preload) ? given : `${preload} ${given}`.trim()
}

/** As Node reads `NODE_OPTIONS`. */
const quoted = (path: string): string => (/[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path)

/** The file of a program by its path, or by a name that PATH leads to. */
export function programOf(name: string): string {
  const places = /[\\/]/.test(name)
    ? [resolve(name)]
    : (process.env.PATH ?? '').split(delimiter).map((place) => join(place, name))
  const file = places.find(isExecutable)
  if (file !== undefined) return file
  // Windows adds endings of its own.
  if (process.platform === 'win32') return name
  throw new UsageError(`There is no program ${name}.`, 'Give its path, or a name that PATH leads to.')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const passedOn = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const
/** What a terminal sends to everybody who is in front of it. */
const fromTerminal: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT'])

function beside(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  talks: Party | undefined,
): Promise<number> {
  const child = spawn(file, args, {
    env: { ...env, [parentVariable]: String(process.pid) },
    stdio: ['inherit', 'inherit', 'inherit', ...(talks ? (['ipc'] as const) : [])],
  })
  const handlers = passedOn.map((signal) => {
    const pass = () => {
      if (!(fromTerminal.has(signal) && process.stdin.isTTY)) child.kill(signal)
    }
    process.on(signal, pass)
    return { signal, pass }
  })
  endWithNpm((signal) => child.kill(signal))
  const talk = talks && introduce(talks, child)
  const letGo = () => {
    for (const { signal, pass } of handlers) process.off(signal, pass)
    talk?.end()
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      // Of a signal that could not be passed on to a program that runs.
      if (child.pid !== undefined) return
      letGo()
      reject(new UsageError(`${file} cannot be started: ${error.message}.`, 'Correct it.'))
    })
    child.on('exit', async (code, signal) => {
      await talk?.lastWords()
      letGo()
      if (signal !== null) process.kill(process.pid, signal)
      resolve(code ?? exitCodes.failure)
    })
  })
}
