import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StateName } from '../../machines/index.ts'
import { RecordedRig } from '../history/recorded-rig.ts'
import { cause } from '../machines/world.ts'
import { lifeline } from './command.ts'

/** A folder with this history and nothing else. */
async function folderWith(entries: readonly unknown[]): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'lifeline-explain-')), 'auth')
  await mkdir(join(folder, '.lifeline'), { recursive: true })
  await writeFile(
    join(folder, '.lifeline', 'history.jsonl'),
    entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  )
  return folder
}

const now = Date.now()
const ago = (minutes: number): number => now - minutes * 60_000
const move = (at: number, from: StateName, to: StateName, rest: object = {}) => ({
  type: 'transition',
  at,
  from,
  to,
  event: 'e',
  generation: 1,
  ...rest,
})
const cut = { cause: { kind: 'network', message: '' }, why: 'the network or the server cannot be reached' }

/** Healthy for three hours, but for one drop two hours and one half an hour ago. */
const twoDrops = [
  { type: 'start', at: ago(180), mode: 'heal', unclean: false },
  move(ago(180), 'stopped', 'preparing'),
  move(ago(179), 'connecting', 'healthy'),
  move(ago(120), 'healthy', 'reconnecting', cut),
  move(ago(114), 'connecting', 'healthy'),
  move(ago(30), 'healthy', 'reconnecting', cut),
  move(ago(29), 'connecting', 'healthy'),
  { type: 'alive', at: ago(1) },
]

test('a history is told in plain language, newest incident last, in 80 columns, and nothing is changed', async () => {
  const folder = await folderWith(twoDrops)
  const before = await readdir(folder, { recursive: true })
  const { code, stdout, stderr } = await lifeline('explain', '--auth', folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.indexOf('down 6 min; healed in 6 min')).toBeGreaterThan(0)
  expect(stdout.indexOf('down 6 min; healed in 6 min')).toBeLessThan(stdout.indexOf('down 1 min; healed in 1 min'))
  expect(stdout).toContain('← The network or the server cannot be reached.')
  expect(stdout).toMatch(/Connected 24 h 9\d\.\d\d % · 7 d 9\d\.\d\d % · 30 d/)
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(await readdir(folder, { recursive: true })).toEqual(before)
})

test('rows of a database that went back are told from any history that has seen more of them', async () => {
  const written = (count: number, key: string, digest: string) => ({ written: { count, digest: `${key}:${digest}` } })
  const folder = await folderWith([
    { type: 'start', at: ago(90), mode: 'heal', unclean: false, ...written(10, 'k', 'a') },
    { type: 'stop', at: ago(80), ...written(40, 'k', 'b') },
    { type: 'start', at: ago(70), mode: 'heal', unclean: false, ...written(28, 'k', 'c') },
    { type: 'stop', at: ago(60), ...written(50, 'k', 'd') },
    { type: 'start', at: ago(50), mode: 'heal', unclean: false, ...written(50, 'k', 'e') },
  ])
  const { code, stdout } = await lifeline('explain', '--auth', folder)
  const told = stdout.replace(/\s+/g, ' ')
  expect(code).toBe(0)
  expect(told).toContain('The database was of an earlier time: the last 12 writes were gone. Noticed')
  expect(told).toContain('The database was of an earlier time: other rows were there than before. Noticed')
  const { stdout: json } = await lifeline('explain', '--auth', folder, '--json')
  expect(JSON.parse(json).wentBack).toEqual([
    { at: ago(70), since: ago(80), writes: 12 },
    { at: ago(50), since: ago(60), writes: 0 },
  ])
})

test('--since leaves older incidents out, and --json gives the same to programs', async () => {
  const folder = await folderWith(twoDrops)
  const { stdout } = await lifeline('explain', '--auth', folder, '--since', '45min', '--json')
  const { incidents, heal, availability } = JSON.parse(stdout)
  expect(incidents).toHaveLength(1)
  expect(incidents[0]).toMatchObject({ sentence: 'down 1 min; healed in 1 min', wouldHave: false, outcome: 'healed' })
  expect(heal).toEqual([expect.objectContaining({ cause: 'network', count: 1, medianMs: 60_000 })])
  expect(availability.h24).toBeGreaterThan(0.9)
})

test('one date is its midnight here, and a range before all trouble holds no incident and no share of time', async () => {
  const folder = await folderWith(twoDrops)
  const { code, stdout } = await lifeline('explain', '--auth', folder, '--since', '2020-01-01', '--until', '2020-01-02')
  expect(code).toBe(0)
  expect(stdout).toMatch(/told: since 2020-01-01 00:00:00, until\s2020-01-02 00:00:00\./)
  expect(stdout).toContain('\nNo incident.\n')
  expect(stdout).toContain('Connected 24 h – · 7 d – · 30 d –')
})

test('while it only observes that is said, what is not over is told as such, and of a long incident the middle is left out', async () => {
  const flaps = Array.from({ length: 40 }, (_, n) =>
    n % 2 === 0
      ? move(ago(60) + n * 1_000, 'healthy', 'reconnecting', cut)
      : move(ago(60) + n * 1_000, 'connecting', 'healthy'),
  )
  const folder = await folderWith([
    { type: 'start', at: ago(180), mode: 'observe', unclean: false },
    move(ago(180), 'connecting', 'healthy'),
    ...flaps,
    move(ago(30), 'healthy', 'reconnecting', cut),
  ])
  const { stdout } = await lifeline('explain', '--auth', folder)
  expect(stdout).toContain('Observing only: nothing is healed')
  expect(stdout).toMatch(/… \d+ more; --json has all of them/)
  expect(stdout).toMatch(/not over yet/)
  const since = await lifeline('explain', '--auth', folder, '--since', '10min', '--json')
  expect(JSON.parse(since.stdout).incidents).toHaveLength(1)
})

test('without a history it says so and what to do', async () => {
  const { code, stdout } = await lifeline('explain', '--auth', await folderWith([]))
  expect(code).toBe(0)
  expect(stdout).toContain('There is no history yet')
  expect(stdout).toContain('lifeline run --auth')
})

test('wrong usage has exit code 2, what is not there 1, and both say what to do', async () => {
  const folder = await folderWith(twoDrops)
  for (const args of [
    [],
    ['--auth', folder, '--since', 'soon'],
    ['--auth', folder, '--since', '1h', '--until', '2h'],
    ['--auth', folder, '--export', 'last'],
    ['--auth', folder, '--replay', 'x'],
    ['--replay', join(folder, 'none.json')],
  ])
    expect(await lifeline('explain', ...args), args.join(' ')).toMatchObject({ code: 2, stdout: '' })
  expect((await lifeline('explain', '--auth', join(folder, 'none'))).code).toBe(1)
  const out = join(folder, '..', 'out.json')
  const unknown = await lifeline('explain', '--auth', folder, '--export', '20200101T000000', '--out', out)
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no incident 20200101T000000.') })
  const none = await lifeline('explain', '--auth', await folderWith([]), '--export', 'last', '--out', out)
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('The history holds no incident.') })
  const inputless = await lifeline('explain', '--auth', folder, '--export', 'last', '--out', out)
  expect(inputless).toMatchObject({ code: 1, stderr: expect.stringContaining('no longer holds') })
})

test('an incident is exported once, and replayed state by state; another way is named by exit code 1', async () => {
  const rig = await new RecordedRig().healthy()
  rig.world.close(cause('closed'))
  await rig.until('healthy', 60_000)
  const at = rig.clock.wall()
  const entries = [
    ...rig.runs.flatMap(({ steps, ...run }) => [run, { type: 'steps', at: run.at, steps }]),
    move(at - 20_000, 'connecting', 'healthy'),
    move(at - 10_000, 'healthy', 'reconnecting', cut),
    move(at, 'connecting', 'healthy'),
  ]
  const folder = await folderWith(entries)
  const out = join(folder, '..', 'incident.json')
  const exported = await lifeline('explain', '--auth', folder, '--export', 'last', '--out', out)
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect((await stat(out)).mode & 0o777).toBe(0o600)
  expect(await lifeline('explain', '--auth', folder, '--export', 'last', '--out', out)).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining(`${out} is there already.`) },
  })
  const open = await folderWith(entries.slice(0, -1))
  await lifeline('explain', '--auth', open, '--export', 'last', '--out', `${out}.open`)
  const { incident: unfinished } = JSON.parse(await readFile(`${out}.open`, 'utf8'))
  expect(unfinished).toMatchObject({
    ...{ outcome: 'open', sentence: expect.stringMatching(/^down \d+ d.*; not over yet$/) },
  })

  const nowhere = join(folder, 'none', 'incident.json')
  const unwritten = await lifeline('explain', '--auth', folder, '--export', 'last', '--out', nowhere)
  expect(unwritten).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be written (ENOENT)') })
  const told = await lifeline('explain', '--auth', folder, '--export', 'last', '--out', `${out}.again`, '--json')
  expect(JSON.parse(told.stdout)).toMatchObject({ out: `${out}.again`, events: expect.any(Number) })

  const { code, stdout } = await lifeline('explain', '--replay', out)
  expect(code).toBe(0)
  expect(stdout).toContain('reconnecting.waiting')
  expect(stdout).toContain('The wait is over.')
  expect(stdout).toMatch(/The same way as recorded: \d+ events, \d+ states\./)
  expect(stdout).not.toContain('(recorded')

  const file = JSON.parse(await readFile(out, 'utf8'))
  const step = file.runs[0].steps.find(({ state }: { state?: string }) => state === 'reconnecting.closing')
  step.state = 'blocked.closing'
  file.incident.cause = 'a cause of tomorrow'
  await writeFile(out, JSON.stringify(file))
  const text = await lifeline('explain', '--replay', out)
  expect(text.stdout).toMatch(/ A cause of tomorrow\b/)
  expect(text.stdout).toContain('reconnecting.closing (recorded: blocked.closing)')
  expect(text.stdout).toContain('This version goes another way:')
  const other = await lifeline('explain', '--replay', out, '--json')
  expect(other.code).toBe(1)
  expect(JSON.parse(other.stdout)).toMatchObject({
    same: false,
    differences: [
      { words: expect.stringContaining('this version goes to reconnecting.closing; recorded was blocked.closing') },
    ],
  })
})
