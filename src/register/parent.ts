import { parentVariable } from './settings.ts'

const lookMs = 1_000

/**
 * Ends this program, as a manager would, once the command that it runs beside is gone: killed, that could pass nothing
 * on, and the account would stay in use.
 */
export function endWithParent(): void {
  const parent = Number(process.env[parentVariable])
  if (!(parent > 0) || process.ppid !== parent) return
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, lookMs).unref()
}
