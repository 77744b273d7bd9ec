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

/**
 * The command in this process, which has loaded everything already: for what has its end by itself, and where no
 * process boundary is what is asked about.
 */
export async function lifeline(...args: string[]): Promise<Ended> {
  const before = process.exitCode
  process.exitCode = undefined
  try {
    const { stdout, stderr } = await saidBy(() => runCommand(args))
    return { code: Number(process.exitCode ?? 0), stdout, stderr }
  } finally {
    process.exitCode = before
  }
}
