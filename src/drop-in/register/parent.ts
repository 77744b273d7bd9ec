import fs from 'node:fs'
import { isRunning } from '../../stores/process-identity.ts'
import { type NpmShell, npmShell } from './npm-shell.ts'
import { parentVariable } from './settings.ts'

const lookMs = 1_000
/** How long `docker stop` waits after SIGTERM. */
const graceMs = 10_000

/**
 * Has this program end, as a manager would end it, once the command that it runs beside is gone, or the shell of npm
 * that it runs in: killed, those could pass nothing on, and the account would stay in use.
 */
export function endWithParent(): void {
  const [shell = 0, self, npm] = (process.env[parentVariable] ?? '').split('/').map(Number)
  // In place of the command it is the same process, whoever is its parent by now.
  if (shell > 0 && self === process.pid) whenLeft({ shell, ...(npm === undefined ? {} : { npm }) }, endThis)
  else if (shell > 0 && process.ppid === shell) whenLeft({ shell }, endThis)
  else endWithNpm()
}

/** Calls `end` once npm, or the shell in which npm has started this process, is gone. Holds no process. */
export function endWithNpm(end: (signal: NodeJS.Signals) => void = endThis): void {
  const above = npmShell()
  if (above) whenLeft(above, end)
}

const endThis = (signal: NodeJS.Signals) => process.kill(process.pid, signal)

function whenLeft(
  { shell, npm }: Pick<NpmShell, 'shell'> & Partial<NpmShell>,
  end: (signal: NodeJS.Signals) => void,
): void {
  const timer = setInterval(() => {
    if (process.ppid === shell && (npm === undefined || isRunning(npm))) return
    clearInterval(timer)
    say(`lifeline: ${npm === undefined ? 'its parent' : 'npm'} is gone. This program ends too, as for SIGTERM.\n`)
    setTimeout(() => end('SIGKILL'), graceMs).unref()
    end('SIGTERM')
  }, lookMs).unref()
}

/** Whoever read it may be gone as well. */
function say(line: string): void {
  try {
    fs.writeSync(2, line)
  } catch {
    return
  }
}
