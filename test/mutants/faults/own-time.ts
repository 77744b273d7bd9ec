import { readFileSync } from 'node:fs'

/**
 * A clock of a process, in milliseconds, which stands still while the process waits for a processor that others have:
 * what takes long only because the machine is busy does not. Where the system does not tell (all but Linux), a wall.
 */
export function ownTime(pid: number | 'self'): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return performance.now() - Number(waitedNs) / 1e6
  } catch {
    return performance.now()
  }
}
