import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells one process from every other, also across reboots, reused pids and containers. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Tells two hosts of one name apart; absent where the system has no such thing. */
  readonly machine?: string
  /** Changes with each boot; absent where the system has no such thing. */
  readonly boot?: string
  /** When the process started, in ticks since boot: a reused pid has another. */
  readonly started?: string
  /** The pid namespace: containers number their processes apart from each other. */
  readonly namespace?: string
}

export interface Processes {
  self(): ProcessIdentity
  /** `unknown` if this process cannot see that one: another host or container. */
  stateOf(other: ProcessIdentity): 'alive' | 'gone' | 'unknown'
}

const tryRead = (read: () => string | undefined): string | undefined => {
  try {
    return read()?.trim() || undefined
  } catch {
    return undefined
  }
}

const machineId = () => tryRead(() => readFileSync('/etc/machine-id', 'utf8'))
const bootId = () => tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
const namespaceId = () => tryRead(() => readlinkSync('/proc/self/ns/pid'))
// The name in the second field may hold spaces and brackets, so the fields are counted from its last bracket: the state
// is the third, the start time the 22nd.
const lookAt = (pid: number): { readonly state?: string; readonly started?: string } => {
  const stat = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === undefined) return {}
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { ...present('state', fields[0]), ...present('started', fields[19]) }
}
/** It has ended, and whoever started it has not asked how: in a container nobody may ever do. */
const isZombie = (state: string | undefined): boolean => state === 'Z' || state === 'X'

/** In this pid namespace, whatever it is. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

const present = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string }

export const systemProcesses: Processes = {
  self: () => ({
    pid: process.pid,
    host: hostname(),
    ...present('machine', machineId()),
    ...present('boot', bootId()),
    ...present('started', lookAt(process.pid).started),
    ...present('namespace', namespaceId()),
  }),
  stateOf: (other) => {
    const here = systemProcesses.self()
    if (other.host !== here.host || other.machine !== here.machine || other.namespace !== here.namespace)
      return 'unknown'
    // A clone of a machine has all of this but the boot: only the heartbeat tells a machine that was booted anew from a
    // twin that lives.
    if (other.boot !== here.boot) return 'unknown'
    if (!isRunning(other.pid)) return 'gone'
    const { state, started } = lookAt(other.pid)
    if (isZombie(state)) return 'gone'
    // Without start times a reused pid looks like the owner, so its heartbeat decides.
    if (started === undefined || other.started === undefined) return other.pid === here.pid ? 'alive' : 'unknown'
    return started === other.started ? 'alive' : 'gone'
  },
}
