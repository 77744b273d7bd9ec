import type { Assessment, Context, Facts, OutboundAssessment } from '../../machines/index.ts'
import type { OwnersLogger } from '../baileys/logger-tap.ts'
import { kindOf } from '../baileys/stray.ts'
import { unheard, wordsOf } from '../errors/thrown.ts'
import type { Act, HistoryEntry, WrittenThen } from '../history/entry.ts'
import type { LineHistory } from '../history/history.ts'
import { sentence, wouldSaid } from '../history/incidents/spoken.ts'
import { MachineRecorder } from '../history/recorder.ts'
import { StepBatch } from '../history/step-batch.ts'
import type { Notice } from '../notices/notice.ts'
import type { AccountJournal } from './services/account-journal.ts'

/** The same trouble is written down once in this time: a listener that always throws must not fill the history. */
const sameTroubleMs = 60_000

/** How long a run lasted that ended without a word is known to this precision; 100 bytes an hour. */
const aliveMs = 900_000

/** The numbers of contacts stay out of the history: `<user>.<device>`, `<user>_1.<device>`. */
const contactsIn = (addresses: readonly string[]): number =>
  new Set(addresses.map((address) => address.replace(/[_.].*$/, ''))).size

/** What of a notice's details is kept: addresses are counted, the own number is left out. */
function keptDetails({ addresses, unheard, self: _self, ...details }: Notice['details']): Notice['details'] {
  return {
    ...details,
    ...(Array.isArray(addresses) ? { sessions: addresses.length } : {}),
    ...(isFields(unheard) ? { unheard: keptDetails(unheard) } : {}),
  }
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

type Growing = Extract<HistoryEntry, { type: 'unreadable' | 'unheard' }>

/** Puts what happens beside the statechart into the owner's log and the history, cleaned of secrets. Never throws. */
export class LineJournal implements AccountJournal {
  readonly #account: string
  readonly #logger: OwnersLogger
  readonly #history: LineHistory
  readonly #batch: StepBatch
  readonly #written: () => WrittenThen | undefined
  #last: { readonly doing: string; readonly message: string; readonly at: number } | undefined
  #alive: NodeJS.Timeout | undefined
  /**
   * The worst that was told of contacts that cannot be read, or cannot read, since they all could; not written yet
   * while it still grows.
   */
  #growing: Partial<Record<Growing['type'], Growing>> = {}
  /** What was told of them last. */
  #levels: { [T in Growing['type']]?: string | undefined } = {}
  readonly #strays = new Set<string>()

  /** `written`: how many writes the account has seen by now, where its store counts them. */
  constructor(
    account: string,
    logger: OwnersLogger,
    history: LineHistory,
    written: () => WrittenThen | undefined = () => undefined,
  ) {
    this.#written = written
    this.#account = account
    this.#logger = logger
    this.#history = history
    this.#batch = new StepBatch((record) => history.record(record))
  }

  /** Supervision begins. Returns what keeps the inputs of its statechart. */
  begin(mode: 'heal' | 'observe', facts: Facts | undefined): MachineRecorder {
    const lastAt = Math.max(this.#history.list().at(-1)?.at ?? 0, facts?.savedAt ?? 0)
    const unclean = lastAt > 0 && facts?.clean !== true
    const at = Date.now()
    this.entry({
      type: 'start',
      at,
      mode,
      unclean,
      ...(unclean ? { lastSeenAt: Math.min(lastAt, at) } : {}),
      ...this.#counted(),
    })
    this.#levels = {}
    this.#strays.clear()
    clearInterval(this.#alive)
    this.#alive = setInterval(
      () => this.#history.add({ type: 'alive', at: Date.now(), ...this.#counted() }),
      aliveMs,
    ).unref()
    return new MachineRecorder({
      env: { now: Date.now, random: Math.random },
      monotonic: () => performance.now(),
      write: (record) => this.#batch.add(record),
    })
  }

  /** Supervision ends as asked. No timer is left. */
  end(): void {
    // Asked twice: the end of the statechart itself may still have added a step.
    this.#batch.flush()
    if (this.#alive === undefined) return
    clearInterval(this.#alive)
    this.#alive = undefined
    this.entry({ type: 'stop', at: Date.now(), ...this.#counted() })
  }

  /** The account was claimed again. */
  claimed(): void {
    const written = this.#written()
    if (written) this.entry({ type: 'claim', at: Date.now(), written })
  }

  #counted(): { readonly written?: WrittenThen } {
    const written = this.#written()
    return written ? { written } : {}
  }

  entry(entry: HistoryEntry): void {
    const pending = Object.values(this.#growing)
    this.#growing = {}
    for (const one of pending) this.#history.add(one)
    this.#history.add(entry)
  }

  /**
   * What is known of messages that cannot be read. Written when the judgement changes; contacts that join in between
   * are counted with the next entry.
   */
  unreadable({ level, addresses, messages }: Assessment): void {
    const contacts = contactsIn(addresses)
    this.#grown({ type: 'unreadable', at: Date.now(), contacts, messages, level }, contacts === 0 ? undefined : level)
  }

  /** The same of those who cannot read us. */
  unheard({ level, contacts, ownPhone, companions, messages }: OutboundAssessment): void {
    const own = companions + (ownPhone ? 1 : 0)
    const entry = { type: 'unheard', at: Date.now(), contacts, own, messages } as const
    this.#grown(entry, level === 'fine' ? undefined : level)
  }

  /** Without a level it is over. */
  #grown(entry: Growing, level: string | undefined): void {
    const { type } = entry
    if (level === this.#levels[type]) {
      if (level !== undefined) this.#growing[type] = entry
      return
    }
    this.#levels[type] = level
    this.entry(entry)
  }

  /** Something was done to the stored account. */
  act(act: Act, sessions?: number, why?: string): void {
    const given = { ...(sessions === undefined ? {} : { sessions }), ...(why === undefined ? {} : { why }) }
    this.entry({ type: 'act', at: Date.now(), act, ...given })
  }

  /** Observe mode: what would have been done. */
  would(act: Act, sessions: number | undefined, why: string): void {
    this.entry({ type: 'would', at: Date.now(), act, ...(sessions === undefined ? {} : { sessions }), why })
    this.#log('info', { act, why }, `lifeline: ${sentence(`observing: ${wouldSaid(act, sessions)}`)}`)
  }

  /** Observe mode: a prune that there would have been. */
  wouldPrune({ scope, addresses, why }: NonNullable<Context['withheld']>): void {
    this.would('sessions-set-aside', scope === 'all' ? undefined : addresses.length, why)
  }

  /**
   * Baileys stumbled over something by itself. Each kind is told once in a run: a server that says it again and again
   * must not fill log and history.
   */
  stray(error: unknown, doing: string): void {
    const kind = `${doing} ${kindOf(error)}`
    if (this.#strays.has(kind)) return
    this.#strays.add(kind)
    this.trouble(error, doing)
  }

  /** Something failed that does not end supervision. */
  trouble(error: unknown, doing: string): void {
    const message = wordsOf(error)
    const at = Date.now()
    const last = this.#last
    if (last?.doing !== doing || last.message !== message || at - last.at >= sameTroubleMs) {
      this.#last = { doing, message, at }
      this.entry({ type: 'trouble', at, doing, message })
    }
    this.#log('warn', { doing, message }, 'lifeline: something failed; supervision goes on')
  }

  notice({ at, kind, message, details }: Notice): void {
    this.entry({ type: 'notice', at, kind, message: wordsKept(message, details), details: keptDetails(details) })
    this.#log('info', { kind, ...details }, message)
  }

  #log(level: 'info' | 'warn', fields: Record<string, unknown>, message: string): void {
    try {
      unheard(this.#logger[level]({ account: this.#account, ...fields }, message))
    } catch {
      // A logger that throws must not end supervision.
    }
  }
}

/** The words without the own number. */
const wordsKept = (message: string, { self }: Notice['details']): string =>
  typeof self === 'string' ? message.replace(` as ${self}`, '') : message
