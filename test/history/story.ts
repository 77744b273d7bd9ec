import type { CauseKind, StateName } from '../../machines/index.ts'
import type { HistoryEntry } from '../../src/history/entry.ts'
import { incidentsOf } from '../../src/history/incidents/index.ts'

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
export const began = Date.UTC(2026, 0, 1)

/** A history in the making: each entry lies some time after the one before. */
export class Story {
  at = began
  readonly entries: HistoryEntry[] = []
  #state: StateName = 'stopped'

  after(ms: number): this {
    this.at += ms
    return this
  }

  to(state: StateName, kind?: CauseKind, code?: number): this {
    const cause = kind && { kind, message: '', ...(code === undefined ? {} : { code }) }
    const transition = {
      type: 'transition',
      at: this.at,
      from: this.#state,
      to: state,
      event: 'e',
      generation: 1,
    } as const
    this.entries.push({ ...transition, ...(cause ? { cause } : {}) })
    this.#state = state
    return this
  }

  add(entry: { type: HistoryEntry['type'] } & Record<string, unknown>): this {
    this.entries.push({ at: this.at, ...entry } as unknown as HistoryEntry)
    return this
  }

  start(mode: 'heal' | 'observe' = 'heal', lastSeenAt?: number): this {
    this.#state = 'stopped'
    this.add({ type: 'start', mode, unclean: lastSeenAt !== undefined, lastSeenAt })
    return this.to('preparing').to('connecting')
  }

  get incidents() {
    return incidentsOf(this.entries, this.at)
  }
}

export const pruned = (sessions: number) => ({
  type: 'notice' as const,
  kind: 'sessions-pruned',
  message: '',
  details: { sessions },
})
export const unheard = (contacts: number, own = 0, messages = contacts + own) => ({
  type: 'unheard' as const,
  contacts,
  own,
  messages,
})
export const unreadable = (contacts: number, messages = contacts) => ({
  type: 'unreadable' as const,
  contacts,
  messages,
  level: contacts > 0 ? 'storm' : 'fine',
})
