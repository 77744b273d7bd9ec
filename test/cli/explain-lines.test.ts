import { describe, expect, test } from 'vitest'
import { type Explained, explainLines } from '../../src/cli/explain-lines.ts'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import type { Incident, IncidentEvent } from '../../src/history/incidents/index.ts'

const marked = (name: string) => (text: string) => `${name}:${text}`
const paint: Paint = {
  ...paintFor(process.stdout, { NO_COLOR: '1' }),
  ...{ width: 80, colour: false, rows: undefined, dim: marked('dim') },
  ...{ good: marked('good'), bad: marked('bad'), warn: marked('warn') },
}
const noon = new Date(2026, 10, 22, 12).getTime()
const event = (words: string, at = noon): IncidentEvent => ({ at, words }) as IncidentEvent
const incident = (more: Partial<Incident> = {}): Incident =>
  ({
    ...{ id: '20261122T120000', beganAt: noon, outcome: 'healed', cause: 'replaced', downMs: 0, wouldHave: false },
    ...{ sentence: 'down 4 min', events: [event('closed')] },
    ...more,
  }) as Incident
const explained: Explained = {
  ...{ location: '/srv/auth', until: noon, recordedSince: noon - 3_600_000, observing: false },
  availability: { h24: 0.999_99, d7: 1, d30: null },
  ...{ heal: [], incidents: [], wentBack: [] },
}
const told = (more: Partial<Explained>) => explainLines({ ...explained, ...more }, paint).map((line) => line.trimEnd())

describe('a history in a terminal', () => {
  test('that has not begun says how it begins', () => {
    const { recordedSince: _, ...none } = explained
    const lines = explainLines(none, paint)
    expect(lines[0]).toBe('/srv/auth')
    expect(lines.slice(1).join(' ')).toMatch(/no history yet: .* lifeline run --auth \/srv\/auth/)
  })

  test('says for which time it tells, and that nothing happened in it', () => {
    expect(told({})).toEqual([
      '/srv/auth',
      'Recorded since 2026-11-22 11:00:00; told: whole history, until 2026-11-22',
      '12:00:00.',
      '',
      'good:No incident.',
      'Connected 24 h 99.99 % · 7 d 100.00 % · 30 d – dim:of the supervised time',
    ])
    expect(told({ since: noon - 60_000 }).join(' ')).toContain('told: since 2026-11-22 11:59:00, until')
    expect(told({ observing: true }).join(' ')).toContain('warn:Observing only')
  })

  test.each([
    ['healed', 'good'],
    ['open', 'bad'],
    ['stopped', 'warn'],
  ] as const)('tells an incident that is %s in its own tone', (outcome, tone) => {
    const lines = told({ incidents: [incident({ outcome })] })
    expect(lines).toContain(`${tone}:  down 4 min`)
    expect(lines.join('\n')).not.toContain('No incident.')
    expect(lines.find((line) => line.startsWith('20261122T120000'))).toMatch(/^20261122T120000 +[A-Z]/)
    expect(lines).toContain('dim:12:00:00  closed')
  })

  test('shows why something was done, dimmed to its end, on the next line too', () => {
    const why = 'because the reason for this is so long that it does not fit in what is left of the line'
    const events = [{ ...event('pruned'), why } as IncidentEvent]
    const lines = told({ incidents: [incident({ events })] }).filter((line) => line.includes('dim:'))
    expect(lines[0]).toMatch(/^dim:12:00:00 {2}pruned dim:← because/)
    expect(lines[1]).toMatch(/^ {10}dim:\S/)
  })

  test('leaves out the middle of a long incident, and says how much of it', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => event(`event ${at}.`))
    const shown = (count: number) => {
      const text = told({ incidents: [incident({ events: many(count) })] }).join('\n')
      return { text, all: [...text.matchAll(/event (\d+)\./g)].map(([, at]) => Number(at)) }
    }
    expect(shown(30).all).toEqual(Array.from({ length: 30 }, (_, at) => at))
    expect(shown(30).text).not.toContain('more;')
    const { text, all } = shown(33)
    expect([all.slice(0, 20).at(-1), all[20], all.at(-1), all.length]).toEqual([19, 23, 32, 30])
    expect(text).toMatch(/event 19\.\n.*… 3 more; --json has all of them\n.*event 23\./)
  })

  test('has the times to heal in columns, and what a database had lost', () => {
    const heal = [
      { words: 'Bad MAC', count: 3, medianMs: 9_000 },
      { words: 'conflict', count: 12, medianMs: 125_000 },
    ] as unknown as Explained['heal']
    const lines = told({ heal })
    const at = lines.indexOf('Time to heal, median')
    const [one = '', two = ''] = lines.slice(at + 1)
    expect([one.indexOf('Bad MAC') > 0, one.indexOf('Bad MAC')]).toEqual([true, two.indexOf('conflict')])
    expect(two).toContain('12 ×')
    const lost = (writes: number) => told({ wentBack: [{ at: noon, since: noon - 60_000, writes }] }).join(' ')
    expect(lost(0)).toContain('bad:The database was of an earlier time: other rows were there than before.')
    expect(lost(1)).toContain('the last write was gone')
    expect(lost(3)).toContain('the last 3 writes were gone')
    expect(lost(3).replace(/\s*bad:\s*/g, ' ')).toContain(
      'Noticed 2026-11-22 12:00:00; known before: 2026-11-22 11:59:00.',
    )
  })
})
