import { type ChildProcess, spawn } from 'node:child_process'

export interface Run {
  readonly argv: readonly [string, ...string[]]
  readonly stdin: string
  readonly timeoutMs: number
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** What a program may say of a failure; the rest is read and dropped. */
const mostOutputBytes = 8 * 1024
/** Between asking a program to end and killing it. */
const graceMs = 500

/**
 * Runs a program without a shell and waits for its end. Rejects if it cannot start, fails, is late, or is cut off by
 * the signal; then it is not running any more.
 */
export async function run({ argv: [program, ...args], stdin, timeoutMs, env, signal }: Run): Promise<void> {
  signal.throwIfAborted()
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    env: { ...process.env, ...env },
  })
  let said = ''
  const listen = (chunk: Buffer) => {
    said += chunk.toString().slice(0, mostOutputBytes - said.length)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  // A program need not read what it is given.
  for (const stream of child.stdio) stream?.on('error', () => undefined)
  child.stdin.end(stdin)
  try {
    await ended(child, program, timeoutMs, signal, () => said)
  } finally {
    // A grandchild may hold the other ends.
    for (const stream of child.stdio) stream?.destroy()
  }
}

function ended(
  child: ChildProcess,
  program: string,
  timeoutMs: number,
  signal: AbortSignal,
  said: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let cut: Error | undefined
    let killer: NodeJS.Timeout | undefined
    const end = (why: string) => {
      cut ??= new Error(`${program} ${why}`)
      child.kill('SIGTERM')
      killer ??= setTimeout(() => child.kill('SIGKILL'), graceMs)
    }
    const timer = setTimeout(() => end(`did not end within ${timeoutMs} ms`), timeoutMs)
    const aborted = () => end('was cut off, as supervision ends')
    signal.addEventListener('abort', aborted, { once: true })
    const settle = (error: Error | undefined) => {
      clearTimeout(timer)
      clearTimeout(killer)
      signal.removeEventListener('abort', aborted)
      if (error) reject(error)
      else resolve()
    }
    const over = (code: number | null, by: string | null) =>
      settle(
        cut ??
          (code === 0
            ? undefined
            : new Error(`${program} ended with ${code ?? by}: ${said().trim() || '(no output)'}`)),
      )
    child.on('error', settle)
    child.on('close', over)
    // Its last words come before `close`, unless a grandchild holds the pipe.
    child.on('exit', (code, by) => {
      clearTimeout(killer)
      killer = setTimeout(() => over(code, by), code === 0 || cut ? 0 : graceMs)
    })
  })
}
