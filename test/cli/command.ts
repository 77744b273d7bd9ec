import { Command } from 'commander'
import { vi } from 'vitest'
import { runCommand } from '../../src/cli/command-line.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a step in this process writes, and what it comes to. */
export async function saidBy<T>(step: () => T): Promise<Omit<Ended, 'code'> & { readonly value: Awaited<T> }> {
  const said = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text)
      return true
    }),
  )
  try {
    const value = await step()
    return { value, ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** What a step does to the exit code, and what it writes. */
async function ended(step: () => Promise<unknown>): Promise<Ended> {
  const before = process.exitCode
  process.exitCode = undefined
  try {
    const { stdout, stderr } = await saidBy(step)
    return { code: Number(process.exitCode ?? 0), stdout, stderr }
  } finally {
    process.exitCode = before
  }
}

/**
 * The command in this process, which has loaded everything already: for what has its end by itself, and where no
 * process boundary is what is asked about.
 */
export const lifeline = (...args: string[]): Promise<Ended> => ended(() => runCommand(args))

/** One command by itself, with what it plays handed in. Rejects with what it throws. */
export const alone = (add: (program: Command) => void, ...args: string[]): Promise<Ended> =>
  ended(() => {
    const program = new Command().exitOverride()
    add(program)
    return program.parseAsync(args, { from: 'user' })
  })
