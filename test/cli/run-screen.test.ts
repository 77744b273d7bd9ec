import { expect, test } from 'vitest'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import { jsonScreen, type RunScreen, textScreen } from '../../src/cli/run-screen.ts'
import type { Notice, Status } from '../../src/index.ts'
import { catalogues } from '../../src/languages/catalogues.ts'
import { Translation } from '../../src/languages/translation.ts'
import { qrLines } from '../../src/terminal/qr-code.ts'
import { saidBy } from './command.ts'

const paint: Paint = { ...paintFor(process.stdout, { NO_COLOR: '1' }), colour: false, rows: undefined, width: 80 }
const qr = { code: `https://wa.me/settings/linked_devices#2@${'Ab1+'.repeat(20)}`, number: 2, expiresAt: 0 }
const status: Status = {
  account: 'a',
  state: 'awaitingQr',
  since: 0,
  message: 'No code is shown.',
  remediation: 'Mend the network.',
  userAction: 'scan-code',
  attempt: 0,
  generation: 1,
}
const drawn = qrLines(qr.code, paint).join('\n')
const both = { text: textScreen, json: jsonScreen }

/** What a screen writes. */
const written = (screen: RunScreen, step: (screen: RunScreen) => void) => saidBy(() => step(screen))

test.each(['text', 'json'] as const)(
  'the %s screen draws a code only where it may, and never writes it',
  async (kind) => {
    const seen = async (drawsCodes: boolean) =>
      written(both[kind]({ paint, drawsCodes, byPhone: false }), (screen) => screen.code(qr))
    const [shown, hidden] = [await seen(true), await seen(false)]
    const stream = kind === 'text' ? 'stdout' : 'stderr'
    expect(shown[stream]).toContain(drawn)
    expect(shown[kind === 'text' ? 'stderr' : 'stdout']).toBe('')
    expect(hidden.stderr).toBe('')
    expect(hidden.stdout).toMatch(kind === 'text' ? /Code 2, good until .* drawn on terminals only/ : /^$/)
    expect(Object.values({ ...shown, ...hidden }).join('')).not.toContain('2@Ab1+')
  },
)

test.each(['text', 'json'] as const)(
  'who links by phone is told the characters by the %s screen, as soon as they are there',
  async (kind) => {
    const screen = both[kind]({ paint, drawsCodes: true, byPhone: true })
    const { stdout, stderr } = await written(screen, (one) => {
      one.code(qr)
      one.code({ ...qr, pairingCode: 'ABCD1234' })
    })
    expect(kind === 'text' ? stdout : stderr).toMatch(/^(\d\d:\d\d:\d\d )?Type this on the phone: ABCD1234\n$/)
    expect(kind === 'text' ? stderr : stdout).toBe('')
  },
)

test('a JSON line of a status has the number and the end of a code, not the code; a notice and the dashboard have lines of their own', async () => {
  const screen = jsonScreen({ paint, drawsCodes: false, byPhone: false })
  const { stdout } = await written(screen, (one) => {
    one.state(status, 'a reason')
    one.status({ ...status, qr })
    one.status(status)
    one.dashboard({ url: 'http://127.0.0.1:1/', link: 'a link', words: 'Dashboard' })
  })
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toEqual([
    { type: 'status', ...status, qr: { number: 2, expiresAt: 0 } },
    { type: 'status', ...status },
    { type: 'dashboard', url: 'http://127.0.0.1:1/' },
  ])
})

test('while a code is needed and none comes, what hinders it is told once, with what to do; with a code it is not', async () => {
  const { stdout } = await written(textScreen({ paint, drawsCodes: false, byPhone: false }), (screen) => {
    screen.status(status)
    screen.status(status)
    screen.status({ ...status, message: 'The network is back.', qr })
    screen.status({ ...status, state: 'healthy', message: 'Connected.' })
  })
  expect(stdout).toMatch(/^\S+ awaitingQr {7}No code is shown\. Mend the network\.\n$/)
})

test('a state that is entered again is told again only if something else was told between, or it says something else', async () => {
  const { stdout } = await written(textScreen({ paint, drawsCodes: false, byPhone: false }), (screen) => {
    for (const why of ['Asked.', 'Asked.', 'Late.']) screen.state(status, why)
    screen.notice({ kind: 'relinked', message: 'Linked again.' } as Notice)
    screen.state(status, 'Late.')
  })
  expect(stdout.match(/Asked|Late|Linked/g)).toEqual([...['Asked', 'Late', 'Linked', 'Late']])
})

test('a notice is one line, with what to do where there is something to do', async () => {
  const notice = { kind: 'relinked', message: 'Linked again.' } as Notice
  const { stdout } = await written(textScreen({ paint, drawsCodes: false, byPhone: false }), (screen) => {
    screen.notice(notice)
    screen.notice({ ...notice, kind: 'relink-needed', message: 'A link is needed.', remediation: 'Scan.' })
  })
  expect(stdout.replaceAll(/\d\d:\d\d:\d\d /g, '')).toBe(
    'notice relinked: Linked again.\nnotice relink-needed: A link is needed. Scan.\n',
  )
})

test('a code that links no more goes from the terminal, what was told beneath it stays, and a file keeps all', async () => {
  const told = async (onTerminal: boolean): Promise<string> => {
    const screen = textScreen({ paint, drawsCodes: true, onTerminal, byPhone: false })
    const { stdout } = await written(screen, (one) => {
      one.code(qr)
      one.notice({ kind: 'relinked', message: 'Told beneath it.' } as Notice)
      one.status({ ...status, qr })
      one.status({ ...status, state: 'connecting' })
      one.status({ ...status, state: 'healthy' })
    })
    return stdout
  }
  const [terminal, file] = [await told(true), await told(false)]
  const rows = terminal.split('\u001b[')[0]?.trimEnd().split('\n').length
  expect(terminal.split('\u001b[').slice(1)).toEqual([
    `${rows}A\r`,
    expect.stringMatching(/^J\S+ notice relinked: Told beneath it\.\n$/),
  ])
  expect(file).not.toContain('\u001b')
})

test('the next code takes the place of the one before', async () => {
  const screen = textScreen({ paint: { ...paint, rows: 60 }, drawsCodes: true, onTerminal: true, byPhone: false })
  const { stdout } = await written(screen, (one) => {
    one.code(qr)
    one.code({ ...qr, number: 3 })
  })
  const [before = '', , after = ''] = stdout.split('\u001b[')
  expect(before).toContain('Code 2')
  expect(after).toContain('Code 3')
  expect(after).not.toContain('Code 2')
})

test('with --language the terminal speaks that language, with the commands that help', async () => {
  const german = new Translation('de', catalogues.de)
  const screen = textScreen({ paint, drawsCodes: false, byPhone: false, speak: (text) => german.of(text) })
  const { stdout } = await written(screen, (one) => {
    one.state(
      { ...status, remediation: 'No code comes by itself. Ask for one with relink() or requestPairingCode().' },
      'asked to',
    )
    one.code(qr)
    const advice = ["Switch to mode 'heal' to let it be done.", 'Ask for one with relink() or requestPairingCode().']
    // A line puts its notices into the language of its owner.
    for (const remediation of advice.map((text) => german.of(text)))
      one.notice({ kind: 'outage', message: 'Sieh nach.', remediation } as Notice)
  })
  expect(stdout.match(/lifeline run --phone <Nummer>/g)).toHaveLength(2)
  expect(stdout).toMatch(/notice outage: Sieh nach\. .*--observe/)
  expect(stdout).not.toMatch(/\b(the|is|with|or|good)\b/)
})
