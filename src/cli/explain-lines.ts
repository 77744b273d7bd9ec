import type { Availability, HealTime, Incident, IncidentEvent, RowsWentBack } from '../history/incidents/index.ts'
import { causeWords, sentence } from '../history/incidents/spoken.ts'
import { span } from '../languages/span.ts'
import { hang } from './columns.ts'
import { dateOf, timeOf } from './moment.ts'
import type { Paint } from './paint.ts'

/** What `lifeline explain` tells. */
export interface Explained {
  readonly location: string
  /** Epoch milliseconds; undefined if the whole history was asked for. */
  readonly since?: number
  readonly until: number
  /** The oldest entry; undefined if there is no history. */
  readonly recordedSince?: number
  readonly observing: boolean
  readonly availability: Availability
  readonly heal: readonly HealTime[]
  readonly incidents: readonly Incident[]
  /** For an account on a database: when rows of an earlier time were found. */
  readonly wentBack: readonly RowsWentBack[]
}

/** Events shown of one incident: the first ones tell how it came, the last ones how it ended. */
const mostFirst = 20
const mostLast = 10
const timeWidth = 10
const because = '←'

/** A history for a terminal, newest incident last. */
export function explainLines(explained: Explained, paint: Paint): readonly string[] {
  const { location, recordedSince, incidents, observing, since, until } = explained
  const head = paint.bold(location)
  if (recordedSince === undefined)
    return [
      head,
      ...hang('', 'There is no history yet: it begins with the first start under supervision.', paint.width, 0),
      ...hang('', `Start it with: lifeline run --auth ${location}`, paint.width, 0),
    ]
  const range = `${since === undefined ? 'whole history' : `since ${dateOf(since)}`}, until ${dateOf(until)}`
  return [
    head,
    ...hang('', `Recorded since ${dateOf(recordedSince)}; told: ${range}.`, paint.width, 0),
    ...(observing
      ? hang('', paint.warn('Observing only: nothing is healed, what would be done is told.'), paint.width, 0)
      : []),
    ...incidents.flatMap((incident) => ['', ...incidentLines(incident, paint)]),
    '',
    ...wentBackLines(explained, paint),
    ...(incidents.length === 0 ? [paint.good('No incident.')] : []),
    ...healLines(explained, paint),
    ...upLines(explained, paint),
  ]
}

function incidentLines(incident: Incident, paint: Paint): readonly string[] {
  const { id, cause, sentence: told, outcome, events } = incident
  const tone = outcome === 'healed' ? paint.good : outcome === 'open' ? paint.bad : paint.warn
  const cut = events.length - mostFirst - mostLast
  const shown = cut <= 0 ? events : [...events.slice(0, mostFirst), ...events.slice(-mostLast)]
  const lines = shown.map((event) => eventLines(event, paint))
  if (cut > 0) lines.splice(mostFirst, 0, [paint.dim(`${' '.repeat(timeWidth)}… ${cut} more; --json has all of them`)])
  return [
    ...hang('', `${paint.bold(id)}  ${sentence(causeWords[cause])}`, paint.width + paint.bold('').length, 0),
    ...hang('  ', told, paint.width, 2).map((line) => tone(line)),
    ...lines.flat(),
  ]
}

function eventLines({ at, words, why }: IncidentEvent, paint: Paint): readonly string[] {
  const text = why === undefined ? words : `${words} ${because} ${why}`
  let reached = false
  return hang(`${timeOf(at)}  `, text, paint.width, timeWidth).map((line, index) => {
    const [margin, rest] = [line.slice(0, timeWidth), line.slice(timeWidth)]
    const from = reached ? 0 : rest.indexOf(because)
    reached ||= from >= 0
    const said = from < 0 ? rest : rest.slice(0, from) + paint.dim(rest.slice(from))
    return (index === 0 ? paint.dim(margin) : margin) + said
  })
}

function wentBackLines({ wentBack }: Explained, paint: Paint): readonly string[] {
  return wentBack.flatMap(({ at, since, writes }) => {
    const lost = writes === 1 ? 'the last write was gone' : `the last ${writes} writes were gone`
    const what = writes === 0 ? 'other rows were there than before' : lost
    const text = `The database was of an earlier time: ${what}. Noticed ${dateOf(at)}; known before: ${dateOf(since)}.`
    return hang('', text, paint.width, 2).map((line) => paint.bad(line))
  })
}

function healLines({ heal }: Explained, paint: Paint): readonly string[] {
  if (heal.length === 0) return []
  const rows = heal.map(({ words, count, medianMs }) => [span(medianMs), `${count} ×`, words] as const)
  const time = Math.max(...rows.map(([one]) => one.length))
  const count = Math.max(...rows.map(([, many]) => many.length))
  return [
    paint.bold('Time to heal, median'),
    ...rows.flatMap(([one, many, words]) =>
      hang(`  ${one.padStart(time)}  ${many.padStart(count)}  `, words, paint.width, time + count + 6),
    ),
  ]
}

function upLines({ availability: { h24, d7, d30 } }: Explained, paint: Paint): readonly string[] {
  const shares = [`24 h ${percent(h24)}`, `7 d ${percent(d7)}`, `30 d ${percent(d30)}`].join(' · ')
  return [`${paint.bold('Connected')} ${shares} ${paint.dim('of the supervised time')}`]
}

/** Rounded down: what was down for a moment was not up all the time. */
const percent = (share: number | null): string =>
  share === null ? '–' : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`
