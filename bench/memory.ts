import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLifeline, type Lifeline } from '../src/index.ts'
import type { Row } from './table.ts'

const accounts = 1_000

function used(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/**
 * Memory of a supervised account without a socket: each waits in `awaitingQr`, `reconnecting` or as here in
 * `connecting`, for a `connect` that does not resolve.
 */
export async function memory(): Promise<Row[]> {
  const root = await mkdtemp(join(tmpdir(), 'lifeline-bench-'))
  const lines: Lifeline[] = []
  const before = used()
  for (let index = 0; index < accounts; index += 1) {
    const line = createLifeline({
      account: `account ${index}`,
      auth: join(root, String(index)),
      connect: () => Promise.reject(new Error('no network')),
      policy: { reconnect: { initialMs: 3_600_000, maxMs: 3_600_000, slowMaxMs: 7_200_000 } },
    })
    await line.start()
    lines.push(line)
  }
  await Promise.all(
    lines.map(
      (line) =>
        new Promise<void>((resolve) => {
          const settled = () =>
            line.history().length > 0 &&
            (line.status.state === 'awaitingQr' || line.status.state === 'reconnecting') &&
            resolve()
          line.on('status', settled)
          settled()
        }),
    ),
  )
  const perAccount = (used() - before) / accounts
  await Promise.all(lines.map((line) => line.stop()))
  return [
    {
      what: `memory of an idle supervised account, ${accounts} accounts without sockets`,
      ours: `${(perAccount / 1024).toFixed(1)} KiB of heap each`,
      beside: 'an XState actor alone: 3.9 KiB idle, 6.3 KiB with a child',
      target: '',
    },
  ]
}
