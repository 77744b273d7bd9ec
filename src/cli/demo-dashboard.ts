import { createDashboard, type DashboardLine } from '../dashboard/index.ts'
import type { Language } from '../languages/language.ts'
import { given } from './given.ts'

/** The dashboard of the demo: it is there before the account is, and for as long as somebody looks. */
export interface DemoDashboard {
  /** Signs in whoever opens it first. */
  readonly url: string
  show(line: DashboardLine): void
  close(): Promise<void>
}

export async function demoDashboard(port: number, language?: Language): Promise<DemoDashboard> {
  const lines: DashboardLine[] = []
  const listeners = new Set<() => void>()
  const dashboard = createDashboard(
    {
      lines: () => lines,
      on: (_event: 'change', listener: () => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    given({ language }),
  )
  await dashboard.serve({ port })
  return {
    url: dashboard.signInUrl(),
    show(line) {
      lines.splice(0, lines.length, line)
      for (const listener of listeners) listener()
    },
    close: () => dashboard.close(),
  }
}

/** Until Ctrl-C, or until whoever has started it without a terminal ends it. */
export async function untilInterrupted(): Promise<void> {
  const alive = setInterval(() => undefined, 2 ** 30)
  await new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => resolve())
  })
  clearInterval(alive)
}
