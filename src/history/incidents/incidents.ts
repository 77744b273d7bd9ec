import type { CauseKind, StateName } from '../../../machines/index.ts'
import { isOpen } from '../../../machines/open-states.ts'
import type { HistoryEntry } from '../entry.ts'
import { toldEvents } from './events.ts'
import { incidentAt, type OpenIncident } from './fold.ts'
import type { Incident } from './incident.ts'
import { endsPowerCut, isSameTrouble } from './kinds.ts'
import { noTally, type Tally, tallied } from './tally.ts'
import { sentenceOf } from './told.ts'

/**
 * Trouble of the same kind that begins this soon after the account was well again belongs to what went before: the
 * statechart itself calls it stable after this time.
 */
const settledMs = 60_000

/** While a connection comes and goes, its drops are one incident: the span in which they are counted. */
const unstableMs = 3_600_000

/** Trouble that followed at once, and what the incident was before it. */
interface Reopened {
  readonly began: OpenIncident
  readonly before: Pick<Draft, 'downMs' | 'tally'> & {
    readonly end: NonNullable<Draft['end']>
    readonly entries: number
  }
}

interface Draft {
  readonly open: OpenIncident
  reopened?: Reopened
  readonly entries: HistoryEntry[]
  /** When supervision began to work on it. */
  workedFrom: number
  downMs: number
  tally: Tally
  observing: boolean
  end?: { readonly at: number; readonly healed: boolean }
}

const idOf = (at: number): string => new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')

/**
 * The incidents in a history, oldest first. `now` ends the one that goes on. Pure; entries are those of
 * `line.history()`, in their order.
 */
export function incidentsOf(entries: readonly HistoryEntry[], now: number): readonly Incident[] {
  const drafts: Draft[] = []
  /** The incident of the moment, over or not: what follows within the settling time belongs to it. */
  let draft: Draft | undefined
  let open: OpenIncident | undefined
  let state: StateName | undefined
  let since = 0
  let observing = false
  /** A person was told that the connection comes and goes, and not yet that it lasts again. */
  let unstable = false
  /** What was told last of contacts that cannot be read, and of those who cannot read. */
  const known = new Map<string, Extract<HistoryEntry, { type: 'unreadable' | 'unheard' }>>()

  const begin = (began: OpenIncident): void => {
    open = began
    const settling =
      draft?.end !== undefined &&
      began.beganAt - draft.end.at <= (unstable ? unstableMs : settledMs) &&
      isSameTrouble(draft.open, began)
    if (draft?.end && settling) {
      const { downMs, tally, end, entries } = draft
      draft.reopened = { began, before: { downMs, tally, end, entries: entries.length } }
      delete draft.end
      return
    }
    draft = { open: began, entries: [], workedFrom: began.beganAt, downMs: 0, tally: noTally, observing }
    for (const one of known.values()) if (one.messages > 0) take(one)
    drafts.push(draft)
  }
  /** What followed at once has become a trouble of its own: what went before it was over. */
  const split = (whole: Draft, { began, before }: Reopened, cause: CauseKind): Draft => {
    const since = whole.entries.splice(before.entries)
    const part: Draft = {
      open: { ...began, cause },
      entries: since,
      workedFrom: began.beganAt,
      downMs: whole.downMs - before.downMs,
      tally: since.reduce(tallied, noTally),
      observing,
    }
    const { downMs, tally, end } = before
    Object.assign(whole, { downMs, tally, end })
    delete whole.reopened
    drafts.push(part)
    return part
  }
  const take = (entry: HistoryEntry): void => {
    draft?.entries.push(entry)
    if (draft) draft.tally = tallied(draft.tally, entry)
  }
  const down = (until: number): void => {
    if (draft && state !== undefined && !isOpen(state) && state !== 'stopped')
      draft.downMs += Math.max(0, until - Math.max(since, draft.open.beganAt))
  }

  for (const entry of entries) {
    if (entry.type === 'start') {
      observing = entry.mode === 'observe'
      if (draft) draft.observing = observing
      if (entry.unclean && entry.lastSeenAt !== undefined) {
        if (open === undefined) begin({ beganAt: entry.lastSeenAt, state: 'stopped', cause: 'unclean-end' })
        else down(entry.lastSeenAt)
        if (draft) {
          draft.downMs += Math.max(0, entry.at - entry.lastSeenAt)
          draft.workedFrom = entry.at
        }
        // Supervision begins as it always does, and what counts as down until then is counted already.
        state = 'preparing'
        since = entry.at
      }
      if (open !== undefined) take(entry)
      continue
    }
    if (entry.type === 'notice' && entry.kind === 'unstable') unstable = entry.details.over !== true
    if (entry.type === 'unreadable' || entry.type === 'unheard') known.set(entry.type, entry)
    // What comes after a stop that was asked for is a new beginning.
    if (entry.type === 'stop' && open === undefined) draft = undefined
    if (entry.type !== 'transition') {
      if (open !== undefined || (draft && withinSettling(draft, entry))) take(entry)
      continue
    }
    const { at, to, cause } = entry
    if (open !== undefined && draft?.reopened && cause && endsPowerCut(draft.open, cause.kind)) {
      draft = split(draft, draft.reopened, cause.kind)
      open = draft.open
    }
    const restart = entry.from === 'stopped' && to === 'preparing'
    const step = restart && open ? { incident: open } : incidentAt(open, { at, state: to, close: cause?.kind }, state)
    if (open === undefined && step.incident) begin(step.incident)
    else if (open !== undefined && step.incident) open = step.incident
    if (open !== undefined) {
      down(at)
      take(entry)
    }
    if (step.ended && draft) {
      draft.end = { at, healed: step.ended.healed }
      open = undefined
    }
    state = to
    since = at
  }
  if (open !== undefined) down(now)
  return drafts.map((one) => finished(one))
}

/** A long backlog of messages takes its time. */
const backlogMs = 600_000

/** A notice of the recovery, or what was read again, comes just after the end. */
const withinSettling = ({ end }: Draft, entry: HistoryEntry): boolean =>
  end !== undefined &&
  entry.at - end.at <= (entry.type === 'arrived' ? backlogMs : 5_000) &&
  entry.type !== 'alive' &&
  entry.type !== 'stop'

function finished({ open, entries, workedFrom, downMs, tally, observing, end }: Draft): Incident {
  const outcome = end === undefined ? 'open' : end.healed ? 'healed' : 'stopped'
  const healMs = end?.healed ? Math.max(0, end.at - workedFrom) : undefined
  const facts = {
    id: idOf(open.beganAt),
    beganAt: open.beganAt,
    ...(end === undefined ? {} : { endedAt: end.at }),
    outcome,
    cause: open.cause,
    downMs,
    ...(healMs === undefined ? {} : { healMs }),
    tally,
    wouldHave: observing,
  } as const
  return { ...facts, sentence: sentenceOf(facts), events: toldEvents(entries) }
}
