import { EventEmitter } from 'node:events'
import type { DashboardLine } from '../../src/dashboard/index.ts'
import type { StateName, Status } from '../../src/index.ts'

/** An account whose states are told to it: what is measured is the way from a status to a browser. */
export class ScriptedLine
  extends EventEmitter
  implements Pick<DashboardLine, 'account' | 'mode' | 'actor' | 'status' | 'history'>
{
  readonly account: string
  readonly mode = 'heal'
  readonly actor = undefined
  readonly ev = new EventEmitter()
  status: Status

  constructor(account: string) {
    super()
    this.account = account
    const message = 'Connected.'
    this.status = { account, state: 'healthy', since: 1, message, userAction: 'none', attempt: 0, generation: 1 }
  }

  override on(event: string, listener: (...told: never[]) => void): this {
    super.on(event, listener as () => void)
    return (() => super.off(event, listener as () => void)) as unknown as this
  }

  become(state: StateName, message: string): void {
    this.status = { ...this.status, state, message }
    this.emit('status', this.status)
  }

  history(): [] {
    return []
  }
}

export const scriptedLines = (count: number): ScriptedLine[] =>
  Array.from({ length: count }, (_, n) => new ScriptedLine(`account ${n}`))

/** They have what the page asks of a line, and none of what it does to one. */
export const asLines = (lines: readonly ScriptedLine[]): DashboardLine[] => lines as unknown as DashboardLine[]
