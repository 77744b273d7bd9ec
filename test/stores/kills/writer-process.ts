import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Killed so many milliseconds, at most, after all of its accounts acknowledged their first writes. */
const lifeMs = 40
/** Every so many kills come while the accounts are still being opened. */
const openingEvery = 8
/** Opening takes about so long, in milliseconds. */
const openingMs = 40

/** It is dead before code that is optimised beside it, by other threads, would pay. */
const withoutOptimiser = ['--single-threaded', '--no-opt']

/** Where it writes, and the number of its first write. */
export interface Order {
  readonly folder: string
  readonly base: number
}

export interface WriterProcess {
  /** Lets it write, calls `onWriting` once it does, kills it some time later. Rejects if it ended by itself. */
  killAtWork(order: Order, onWriting: () => void): Promise<void>
  /** Lets it write once and tells it to end. */
  endAtWork(order: Order): Promise<void>
  end(): Promise<void>
}

/** Starts a process that has loaded everything and waits for its order. */
export function startWriter(bundle: string): WriterProcess {
  // Without what the environment may ask of Node, and without the parts of the LMDB driver that only its own encoding
  // needs.
  const env = { MSGPACKR_NATIVE_ACCELERATION_DISABLED: 'true' }
  const child = spawn(process.execPath, [...withoutOptimiser, bundle], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const said = sayings(child)
  const ready = said.next()
  return {
    killAtWork: async (order, onWriting) => {
      await ready
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const opening = Math.random() * openingEvery < 1
      if (!opening) await Promise.race([said.next(), exit])
      onWriting()
      await new Promise((resolve) => setTimeout(resolve, Math.random() * (opening ? openingMs : lifeMs)))
      child.kill('SIGKILL')
      const [code, signal] = await exit
      if (signal !== 'SIGKILL') throw new Error(`The writer ended by itself, with ${String(signal ?? code)}`)
    },
    endAtWork: async (order) => {
      await ready
      child.stdin.write(`${JSON.stringify(order)}\n`)
      await Promise.race([said.next(), exit])
      child.kill('SIGTERM')
      await exit
    },
    end: async () => {
      await ready
      child.stdin.end()
      await exit
    },
  }
}

const sayings = ({ stdout }: ChildProcess & { readonly stdout: NonNullable<ChildProcess['stdout']> }) =>
  createInterface({ input: stdout })[Symbol.asyncIterator]()
