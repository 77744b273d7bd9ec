import { EventEmitter } from 'node:events'
import type { Notice, ObservedLine, StateName, Status } from '../../src/index.ts'
import { notice, statusIn } from '../notices/notices.ts'

type Upsert = Parameters<Parameters<ObservedLine['ev']['on']>[1]>[0]

/** A line on which happens what the test says. */
export class ScriptedLine implements ObservedLine {
  readonly account: string
  readonly ev = new EventEmitter()
  actor: ObservedLine['actor']
  retriesAsked: ObservedLine['retriesAsked']
  status: Status
  readonly #events = new EventEmitter()

  constructor(account = 'a') {
    this.account = account
    this.status = { ...statusIn('stopped'), account, since: Date.now() }
  }

  on(event: 'status' | 'notice', listener: ((status: Status) => void) & ((notice: Notice) => void)): () => void
  on(event: string, listener: (told: Status & Notice) => void): () => void {
    this.#events.on(event, listener)
    return () => this.#events.off(event, listener)
  }

  get listeners(): number {
    return (
      this.#events.listenerCount('status') +
      this.#events.listenerCount('notice') +
      this.ev.listenerCount('messages.upsert')
    )
  }

  become(state: StateName, more: Partial<Status> = {}): void {
    this.status = { ...this.status, ...statusIn(state), account: this.account, since: Date.now(), ...more }
    this.#events.emit('status', this.status)
  }

  closed(
    kind: NonNullable<Status['lastClose']>['cause']['kind'],
    code: number,
    state: StateName = 'reconnecting',
  ): void {
    this.become(state, { lastClose: { at: Date.now(), cause: { kind, code, message: 'it closed' } } })
  }

  told(kind: Notice['kind'], details: Notice['details'] = {}): void {
    this.#events.emit('notice', { ...notice('x', kind), details })
  }

  upsert(...messages: Upsert['messages']): void {
    this.ev.emit('messages.upsert', { messages })
  }
}
