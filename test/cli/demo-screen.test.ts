import { expect, onTestFinished, test, vi } from 'vitest'
import { untilInterrupted } from '../../src/cli/demo-dashboard.ts'
import { demoScreen } from '../../src/cli/demo-screen.ts'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import type { DemoEvent, Summary } from '../../src/rehearsal/demo/events.ts'
import { qrLines } from '../../src/terminal/qr-code.ts'

/** Colours as words, so that it can be seen what is told as good and what as bad. */
const worded: Pick<Paint, 'good' | 'bad'> = { good: (text) => `good:${text}`, bad: (text) => `bad:${text}` }
const paint: Paint = { ...paintFor(process.stdout, { NO_COLOR: '1' }), colour: false, rows: undefined, width: 80 }

/** What stands on the screen, the clock of which stands at 3.2 s. */
function shown(event: DemoEvent, look: Partial<Paint> = {}): readonly string[] {
  const lines: string[] = []
  const now = vi.spyOn(performance, 'now').mockReturnValue(1_000)
  const tell = demoScreen((line) => lines.push(line), { ...paint, ...look })
  now.mockReturnValue(4_200)
  try {
    tell(event)
  } finally {
    now.mockRestore()
  }
  return lines
}

const summary: Summary = {
  ok: true,
  totalMs: 125_400,
  closes: { 'act 1': { '440 replaced': 1, '515 restart-required': 3 }, 'act 2': {} },
  unreadable: { 'Bad MAC': 4 },
  notices: {},
  spans: [
    { what: 'from the reboot to healthy', ms: 900 },
    { what: 'until everybody read and was read', ms: 12_340 },
  ],
  quarantine: [
    { id: 'a', reason: 'sessions failed', files: 1, bytes: 812 },
    { id: 'b', reason: 'logged out', files: 3, bytes: 2_400_000 },
  ],
  claims: [{ claim: 'No code was shown', held: true, detail: 'awaitingQr 0 times' }],
}

test.each<[DemoEvent, readonly string[]]>([
  [
    { type: 'dashboard', url: 'http://127.0.0.1:4747/', stays: false },
    [
      'Watch it in a browser, with this link, which works once (--stay keeps the page',
      'at the end):',
      'http://127.0.0.1:4747/',
    ],
  ],
  [
    { type: 'dashboard', url: 'http://127.0.0.1:4747/', stays: true },
    [
      'Watch it in a browser, with this link, which works once (the page is there until',
      'Ctrl-C):',
      'http://127.0.0.1:4747/',
    ],
  ],
  [
    { type: 'act', title: 'Act 1: the power cut', text: 'Nobody touches anything.' },
    ['', `── Act 1: the power cut ${'─'.repeat(56)}`, 'Nobody touches anything.', ''],
  ],
  [{ type: 'step', text: 'The phone scans the code.' }, [' 3.2 s   The phone scans the code.']],
  [
    { type: 'state', state: 'reconnecting', message: 'Trying again.', why: 'the connection was lost' },
    [' 3.2 s   reconnecting     Trying again. ← the connection was lost'],
  ],
  [
    { type: 'state', state: 'healthy', message: 'Connected.', why: 'connected' },
    [' 3.2 s   healthy          Connected.'],
  ],
  [
    { type: 'notice', kind: 'relinked', message: 'The account is linked again.' },
    ['         notice           The account is linked again.'],
  ],
])('an event of the demo is told in lines of its own: %j', (event, lines) => {
  expect(shown(event)).toEqual(lines)
})

test('the demo begins with what is real, what is not, and how much faster it waits', () => {
  const text = shown({ type: 'opening', pace: 10 }).join(' ').replaceAll(/\s+/g, ' ')
  expect(text).toMatch(/Real Baileys, a fake WhatsApp server .* waits a 10th of what it waits by default/)
})

test('each torn file is told with its contact, its harm, both sizes, and whether the contact sends again', () => {
  const file = { file: 'session-1.0.json', sha256: '', bytesBefore: 1_520 }
  const lines = shown({
    type: 'harm',
    files: [
      { ...file, contact: 'Ada', harm: 'foreign', bytes: 1_730, resends: false },
      { ...file, contact: 'Hana', harm: 'empty', bytes: 0, resends: true },
    ],
  })
  expect(lines.slice(-2).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['Ada', 'foreign', '1.5 kB → 1.7 kB', 'never resends'],
    ['Hana', 'empty', '1.5 kB → 0 B', 'resends when asked'],
  ])
})

test('a code is drawn as everywhere, and beneath it stands where else it can be had', () => {
  const code = `https://wa.me/settings/linked_devices#2@${'Ab1+'.repeat(20)}`
  const drawn = qrLines(code, paint)
  const lines = shown({ type: 'code', code })
  expect(lines.slice(0, drawn.length + 1)).toEqual(['', ...drawn])
  expect(lines.slice(drawn.length + 1).join(' ')).toMatch(/^lifeline run shows such a code; .* --phone it shows/)
})

test('the table at the end has a row for each thing that was seen, labelled once, and says that all held', () => {
  expect(shown({ type: 'summary', ...summary }, worded).slice(3)).toEqual([
    'closes, act 1   440 replaced × 1 · 515 restart-required × 3',
    'closes, act 2   none',
    'unreadable      Bad MAC × 4 (distinct messages)',
    'notices         none',
    'took             0.9 s  from the reboot to healthy',
    '                12.3 s  until everybody read and was read',
    'quarantine      1 file, 812 B: sessions failed',
    '                3 files, 2.4 MB: logged out',
    '',
    'good:✓ No code was shown',
    '',
    'good:All 1 checks held, in 2 min 5 s.',
  ])
})

test('a check that did not hold is told as bad, with its figures, and the end says so', () => {
  const failed = { claim: 'No code was shown', held: false, detail: 'awaitingQr 2 times' }
  const lines = shown({ type: 'summary', ...summary, ok: false, claims: [failed], quarantine: [] }, worded)
  expect(lines).toContain('quarantine      empty')
  expect(lines).toContain('bad:✗ No code was shown: did not hold (awaitingQr 2 times)')
  expect(lines.at(-1)).toBe('bad:Not everything held: see the checks above. It took 2 min 5 s.')
})

test('on a narrow terminal nothing of the story is wider than it, and a heading still stands in one line', () => {
  const narrow: Partial<Paint> = { width: 40 }
  const told: readonly DemoEvent[] = [
    { type: 'opening', pace: 10 },
    { type: 'act', title: 'Act 2: the phone unlinks the device', text: 'Only now a person is asked for something.' },
    { type: 'state', state: 'conflicted', message: 'Another session took over the connection.', why: 'a 440 came' },
    { type: 'summary', ...summary },
  ]
  for (const event of told)
    for (const line of shown(event, narrow)) expect([...line].length, line).toBeLessThanOrEqual(40)
  expect(shown({ type: 'act', title: 'x'.repeat(50), text: '' }, narrow)[1]).toBe(`── ${'x'.repeat(50)} `)
})

test('the demo stays until Ctrl-C, without a terminal too, as in a container', async () => {
  const streams = [process.stdin, process.stdout] as const
  const before = streams.map(({ isTTY }) => isTTY)
  onTestFinished(() =>
    streams.forEach((stream, at) => {
      stream.isTTY = before[at] === true
    }),
  )
  for (const stream of streams) stream.isTTY = false
  // What other files have loaded into this process would end it at the signal.
  const others = process.rawListeners('SIGHUP') as NodeJS.SignalsListener[]
  process.removeAllListeners('SIGHUP')
  onTestFinished(() => {
    for (const other of others) process.on('SIGHUP', other)
  })
  let left = false
  const staying = untilInterrupted().then(() => {
    left = true
  })
  await new Promise(setImmediate)
  expect(left).toBe(false)
  expect(process.listenerCount('SIGHUP')).toBe(1)
  process.emit('SIGHUP')
  await staying
})
