import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type ProcessIdentity, systemProcesses } from '../../src/stores/process-identity.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const self = systemProcesses.self()
/** Whoever started this process: it runs, and is another one. */
const parent: ProcessIdentity = { ...self, pid: process.ppid, ...startOf(process.ppid) }

function startOf(pid: number): { readonly started?: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return started === undefined ? {} : { started }
  } catch {
    return {}
  }
}

/** What the system answers whoever asks for another's process. */
const answers = (code: string) =>
  vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error(`kill ${code}`), { code })
  })

describe.runIf(parent.started !== undefined)('a process that owns an account', () => {
  test('lives if it may be asked, or if it is of another user and may not', () => {
    expect(systemProcesses.stateOf(parent)).toBe('alive')
    answers('EPERM')
    expect(systemProcesses.stateOf(parent)).toBe('alive')
    expect(systemProcesses.stateOf({ ...parent, started: '1' })).toBe('gone')
  })

  test('is gone if there is none of that number, or another one that began later', () => {
    expect(systemProcesses.stateOf({ ...parent, started: '1' })).toBe('gone')
    answers('ESRCH')
    expect(systemProcesses.stateOf(parent)).toBe('gone')
  })

  test.each<[string, Partial<ProcessIdentity>]>([
    ['host', { host: 'another' }],
    ['machine', { machine: 'another' }],
    ['boot', { boot: 'another' }],
    ['container', { namespace: 'pid:[1]' }],
  ])('of another %s is neither: nobody here can see it', (_, other) => {
    expect(systemProcesses.stateOf({ ...parent, ...other })).toBe('unknown')
  })
})
