import { cp } from 'node:fs/promises'
import { newFolder } from './account.ts'
import { Child } from './processes/child.ts'
import type { Row } from './table.ts'

const accounts = Number(process.env.LIFELINE_BENCH_ACCOUNTS ?? 300)
const restMs = Number(process.env.LIFELINE_BENCH_REST_MS ?? 300_000)
const settleMs = Number(process.env.LIFELINE_BENCH_SETTLE_MS ?? 60_000)
const awayMs = 60_000

interface Used {
  readonly cpuMs: number
  readonly rss: number
  readonly heapUsed: number
}

interface Outcome {
  readonly kibEach: number
  readonly heapKibEach: number
  /** Processor time at rest, of an account and minute. */
  readonly restMsEach: number
  readonly backMs: number
  readonly peak: number
  readonly awayCpuMs: number
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function play(arm: 'bare' | 'supervised', server: Child, folders: readonly string[]): Promise<Outcome> {
  const { url, rootKey } = await server.ask<{ url: string; rootKey: string }>('open')
  await server.ask('forget')
  const child = new Child('../hundreds/accounts-process.js', [arm, url, rootKey])
  const empty = await child.ask<Used>('used')
  await child.ask('start', folders)
  await allBack(server)
  await pause(settleMs)
  const before = await child.ask<Used>('used')
  await pause(restMs)
  const after = await child.ask<Used>('used')
  await server.ask('cut')
  await pause(awayMs)
  const cut = await child.ask<Used>('used')
  await server.ask('forget')
  const mended = performance.now()
  await server.ask('mend')
  const peak = await allBack(server)
  const backMs = performance.now() - mended
  await child.end()
  return {
    kibEach: (after.rss - empty.rss) / 1_024 / accounts,
    heapKibEach: (after.heapUsed - empty.heapUsed) / 1_024 / accounts,
    restMsEach: (after.cpuMs - before.cpuMs) / accounts / (restMs / 60_000),
    backMs,
    peak,
    awayCpuMs: cut.cpuMs - after.cpuMs,
  }
}

/** Resolves with the most handshakes at one moment. */
async function allBack(server: Child): Promise<number> {
  for (;;) {
    const { back, peak } = await server.ask<{ back: number; peak: number }>('seen')
    if (back >= accounts) return peak
    await pause(50)
  }
}

/** Hundreds of accounts with real sockets in one process, at rest, and after their server was away for a minute. */
export async function hundreds(): Promise<Row[]> {
  const server = new Child('../hundreds/server-process.js', [])
  const numbers = Array.from({ length: accounts }, (_, at) => String(491_720_000_000 + at))
  const folders = await server.ask<string[]>('link', numbers)
  const copies = await Promise.all(
    folders.map(async (folder) => {
      const copy = await newFolder()
      await cp(folder, copy, { recursive: true })
      return copy
    }),
  )
  const theirs = await play('bare', server, copies)
  const ours = await play('supervised', server, folders)
  await server.end()
  const of = (value: number, unit: string) => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`
  const row = (what: string, unit: string, key: keyof Outcome, target: string): Row => ({
    what: `${accounts} accounts with real sockets in one process: ${what}`,
    ours: of(ours[key], unit),
    beside: `Baileys' example loop, ${accounts} times: ${of(theirs[key], unit)}`,
    ratio: ours[key] / theirs[key],
    target,
  })
  return [
    row('resident memory of each', 'KiB', 'kibEach', '<= 1.0'),
    row('heap of each', 'KiB', 'heapKibEach', ''),
    row(`processor time at rest for ${restMs / 60_000} min, an account and minute`, 'ms', 'restMsEach', '<= 1.1'),
    row('processor time while the server is away for a minute', 'ms', 'awayCpuMs', ''),
    row('all back after that', 'ms', 'backMs', '<= 1.0'),
    row('most handshakes at one moment', 'handshakes', 'peak', ''),
  ]
}
