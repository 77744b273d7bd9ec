import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { BaileysSocket, ChannelLine, Notice, NoticeKind, StateName, Status } from '../../src/index.ts'

export const statusIn = (state: StateName): Status => ({
  ...{ account: 'a', state, since: 0, message: `It is ${state}.`, userAction: 'none', attempt: 0, generation: 1 },
})

export const notice = (message: string, kind: NoticeKind = 'outage'): Notice => ({
  ...{ id: randomUUID(), account: 'a', kind, at: Date.UTC(2026, 0, 1), message, details: {} },
})

/** A line that does what the test says. */
export class ScriptedLine implements ChannelLine {
  status: Status = statusIn('reconnecting')
  socket: BaileysSocket | undefined
  readonly listeners = new Set<(status: Status) => void>()

  on(_event: 'status', listener: (status: Status) => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  become(state: StateName, socket?: BaileysSocket): void {
    this.socket = socket
    this.status = statusIn(state)
    for (const listener of [...this.listeners]) listener(this.status)
  }
}

/** Everything that a channel reported, as one text each. */
export class Reports {
  readonly all: string[] = []
  readonly report = (error: unknown, doing: string): void => {
    this.all.push(`${doing}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The one that the tests do not replace. */
const realTimeout = globalThis.setTimeout

/** Resolves as soon as it holds; real sockets, files and processes go on meanwhile, though time may stand still. */
export async function until(holds: () => boolean, what: string | (() => string) = String(holds)): Promise<void> {
  const end = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`did not come: ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => realTimeout(resolve, 1))
  }
}

/** Time stands still until the test moves it; sockets, files and processes are real. */
export const freezeTime = (): void => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['setTimeout', 'clearTimeout', 'Date'] })
}
