import type { Claim, Summary } from '../rehearsal/demo/events.ts'
import { counts, duration, hang, plural, size } from './columns.ts'
import type { Paint } from './paint.ts'

const labelWidth = 16
/** Of a time of the demo and the space after it. */
const timeWidth = 8

/** The table at the end. */
export function summaryLines(summary: Summary, paint: Paint): readonly string[] {
  const { closes, unreadable, notices, spans, quarantine, claims, ok, totalMs } = summary
  const row = (label: string, text: string) => hang(paint.bold(label.padEnd(labelWidth)), text, paint.width, labelWidth)
  const entries = quarantine.map(({ reason, files, bytes }) => {
    const amount = `${plural(files, 'file')}, ${size(bytes)}`
    return `${amount}: ${reason}`
  })
  return [
    ...Object.entries(closes).flatMap(([act, of]) => row(`closes, ${act}`, counts(of))),
    ...row('unreadable', `${counts(unreadable)} (distinct messages)`),
    ...row('notices', counts(notices)),
    ...spans.flatMap(({ what, ms }, index) => {
      const margin = `${paint.bold((index === 0 ? 'took' : '').padEnd(labelWidth))}${duration(ms).padStart(timeWidth - 2)}  `
      return hang(margin, what, paint.width, labelWidth + timeWidth)
    }),
    ...(entries.length === 0 ? row('quarantine', 'empty') : []),
    ...entries.flatMap((text, index) => row(index === 0 ? 'quarantine' : '', text)),
    '',
    ...claims.flatMap((claim) => claimLines(claim, paint)),
    '',
    ok
      ? paint.good(`All ${claims.length} checks held, in ${duration(totalMs)}.`)
      : paint.bad(`Not everything held: see the checks above. It took ${duration(totalMs)}.`),
  ]
}

function claimLines({ claim, held, detail }: Claim, paint: Paint): readonly string[] {
  const mark = held ? paint.good('✓ ') : paint.bad('✗ ')
  return hang(mark, held ? claim : `${claim}: did not hold (${detail})`, paint.width, 2)
}
