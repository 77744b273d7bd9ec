// @module-tag slow/together

import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isEntry } from '../../src/history/entry.ts'
import { incidentsOf } from '../../src/history/incidents/index.ts'
import { replayFile } from '../../src/history/incidents/replay-file.ts'
import { fileAuthStore } from '../../src/index.ts'
import type { DemoEvent } from '../../src/rehearsal/demo/events.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Relay } from '../browser/relay.ts'
import { type Sighting, sightingsOn } from '../browser/sightings.ts'
import { Viewer } from '../browser/viewer.ts'
import { codeParts, keyMaterial, secretsShownIn } from '../key-material.ts'
import { readQr } from '../read-qr.ts'
import type { Ended } from './command.ts'
import { Running } from './process.ts'

type Told<T extends DemoEvent['type']> = Extract<DemoEvent, { type: T }> & { atMs: number }

/** What Chromium saw of the demo, from its first second to after its end. */
interface Watched {
  readonly sightings: readonly Sighting[]
  /** The texts of the codes that stood on the page one after the other, from their pixels. */
  readonly codes: readonly string[]
  /** All that the dashboard said to browsers and to probes. */
  readonly said: string
  /** What it said after the code had been scanned. */
  readonly saidAfterwards: string
  readonly page: string
}

let chromium: RunningBrowser
let folder = ''
let demo: Ended
let events: readonly (DemoEvent & { atMs: number })[] = []
let watched: Watched
let viewer: Viewer

beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'lifeline-kept-')), 'auth')
  // First, since it may have to be unpacked: the page is opened before anything happens to the account.
  chromium = await startChromium()
  const running = new Running(['demo', '--json', '--keep', folder])
  watched = await watch(running)
  demo = await running.ended()
  events = demo.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}, 120_000)
afterAll(() => chromium.close())

/** Looks at the page through the whole demo. While the account is being healed the cable between the two is pulled. */
async function watch(running: Running): Promise<Watched> {
  const url = await running.says(/"type":"dashboard".*?"url":"([^"]+)"/)
  const relay = await Relay.to(url)
  // With the link that signs in.
  viewer = await Viewer.open(chromium.browser, relay.url.replace(/\/?$/, `/sign-in${new URL(url).hash}`))
  const { page } = viewer
  const sightings = await sightingsOn(page)
  await running.says(/The server answers 440/)
  relay.cut()
  await page.getByText('Connection to the gateway lost; trying again.').waitFor()
  relay.mend()

  await running.says(/The phone scans the code[\s\S]*The phone scans the code/)
  const scanned = relay.bytes
  const answers = [
    'status.json',
    'metrics',
    'healthz',
    'readyz',
    'api/accounts/demo/timeline',
    'api/accounts/demo/quarantine',
  ]
  const authorization = `Bearer ${(await readFile(join(folder, '.lifeline', 'dashboard-token'), 'utf8')).trim()}`
  const asked = answers.map(async (path) => fetch(new URL(path, url), { headers: { authorization } }))
  const probes = await Promise.all(asked.map(async (answer) => (await answer).text()))
  await running.ended()
  await page.getByText('Connection to the gateway lost; trying again.').waitFor()
  const drawing = await page.evaluate<string>("document.querySelector('.chart-panel .drawing').shadowRoot.innerHTML")
  const saidAfterwards = [relay.heard(scanned), ...probes].join('\n')
  const said = [relay.heard(), ...probes].join('\n')
  await relay.close()
  const codes: string[] = []
  for (const shown of passes(sightings.map(({ code }) => code))) codes.push(await readDrawn(shown))
  return { sightings, codes, said, saidAfterwards, page: (await page.content()) + drawing }
}

/** The text of a code as the page drew it, read from its pixels. */
async function readDrawn(svg: string): Promise<string> {
  const page = await viewer.context.newPage()
  await page.setContent(`<div style="width:300px;padding:20px;background:white">${svg}</div>`)
  const { data, width, height } = PNG.sync.read(await page.screenshot())
  return readQr(new Uint8ClampedArray(data), width, height)?.data ?? ''
}

test('the demo ends with exit code 0, and what it claims is so', async () => {
  const { code, stdout, stderr } = demo
  expect(stderr).toBe('')
  const told = <T extends DemoEvent['type']>(type: T) => events.filter((event): event is Told<T> => event.type === type)
  const [summary] = told('summary')
  const [harm] = told('harm')
  if (!summary || !harm) throw new Error(`No summary or no harm was told:\n${stdout}`)

  expect(summary.claims.filter(({ held }) => !held)).toEqual([])
  expect({ code, ok: summary.ok, last: events.at(-1)?.type }).toEqual({ code: 0, ok: true, last: 'summary' })
  expect(summary.closes).toEqual({
    'act 1': { '440 replaced': 1, '515 restart-required': 3 },
    'act 2': { '401 logged-out': 2, '515 restart-required': 1 },
  })
  expect(summary.unreadable['Bad MAC']).toBeGreaterThan(0)
  expect(summary.unreadable['No session record']).toBeGreaterThan(0)

  // The states that passed by lead through both cures, and a code was shown for the two pairings only.
  const [, second] = told('act')
  const states = told('state').filter(({ atMs }) => atMs > harm.atMs)
  const act1 = states.filter(({ atMs }) => atMs < (second?.atMs ?? 0)).map(({ state }) => state)
  expect(act1.filter((state) => state === 'pruningSessions')).toHaveLength(2)
  expect(act1).not.toContain('awaitingQr')
  expect(act1.at(-1)).toBe('healthy')
  expect(states.filter(({ state }) => state === 'awaitingQr')).toHaveLength(1)
  expect(told('code').map((event) => Object.keys(event).sort())).toEqual([
    ['atMs', 'type'],
    ['atMs', 'type'],
    ['atMs', 'type'],
  ])
  expect(new Set(harm.files.map(({ contact }) => contact)).size).toBe(10)
  expect(new Set(harm.files.map((file) => file.harm))).toEqual(
    new Set(['foreign', 'empty', 'nul-filled', 'half-written']),
  )

  // The folder is looked at without the demo's help.
  const store = fileAuthStore(folder)
  const entries = await store.quarantined()
  expect(entries.map(({ id, files }) => ({ id, files: files.length }))).toEqual(
    summary.quarantine.map(({ id, files }) => ({ id, files })),
  )
  const digests = new Set<string>()
  const quarantine = join(folder, '.lifeline', 'quarantine')
  for (const found of await readdir(quarantine, { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue
    const bytes = await readFile(join(found.parentPath, found.name))
    digests.add(createHash('sha256').update(bytes).digest('hex'))
  }
  const gone = harm.files.filter(({ sha256 }) => !digests.has(sha256))
  expect(gone.filter((file) => file.harm !== 'foreign' || !file.resends)).toEqual([])
  const { linked, findings } = await store.inspect()
  expect(linked).toBe(true)
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
})

const passes = (states: readonly (string | undefined)[]): readonly string[] =>
  states.flatMap((state, at) => (state === undefined || state === states[at - 1] ? [] : [state]))

/** Whether all of the one come in the other, in their order. */
function inOrder(few: readonly string[], many: readonly string[]): boolean {
  let from = 0
  for (const one of few) {
    const at = many.indexOf(one, from)
    if (at < 0) return false
    from = at + 1
  }
  return true
}

test('the page shows every stay of the account as it comes, and the light on the statechart is where the account is', () => {
  const { sightings } = watched
  const [first, ...seen] = passes(sightings.map(({ state }) => state))
  expect(first).toBe('stopped')
  const told = events.flatMap((event) => (event.type === 'state' ? [event.state] : []))
  expect(inOrder(seen, told), `${seen.join(' ')}\n${told.join(' ')}`).toBe(true)
  // Which of the states between fell into the time without a cable is chance.
  expect(inOrder(['degraded', 'healthy', 'awaitingQr', 'healthy'], seen), seen.join(' ')).toBe(true)
  const drawn = sightings.filter(({ lit }) => lit.length > 0)
  expect(drawn.length).toBeGreaterThan(10)
  expect(drawn.filter(({ state = '', lit }) => !lit.includes(state))).toEqual([])
  expect(Math.max(...sightings.map(({ passed }) => passed))).toBeGreaterThan(2)
})

test('the page shows the code while it is good and only then, and another when it is replaced', () => {
  const { sightings, codes } = watched
  expect(codes).toHaveLength(2)
  expect(new Set(codes).size).toBe(2)
  for (const code of codes) expect(codeParts(code).length).toBeGreaterThan(2)
  const withCode = sightings.filter((one) => one.code !== undefined)
  expect(passes(withCode.map(({ state }) => state))).toEqual(['awaitingQr'])
  expect(sightings.at(-1)).toMatchObject({ state: 'stopped' })
  expect(watched.page).not.toContain('code-frame"><svg')
})

test('the timeline fills with what happened, sentence by sentence', () => {
  const sentences = watched.sightings.map(({ incidents }) => incidents.join('\n'))
  expect(sentences[0]).toBe('')
  const at = (pattern: RegExp) => sentences.findIndex((sentence) => pattern.test(sentence))
  const lasting = at(/\d+ sessions set aside\..* Not over yet\./)
  expect(lasting).toBeGreaterThan(0)
  const healed = at(/^(?!.*(?:Not over yet|Linked anew)).*\d+ sessions set aside\./m)
  expect(healed).toBeGreaterThan(lasting)
  // The unlinking is an incident of its own.
  expect(
    at(/^(?!.*Not over yet).*A code was needed\. Linked anew, the old credentials kept in the quarantine\./m),
  ).toBeGreaterThan(healed)
})

test('the page says that the stream is lost and goes on by itself, with what came meanwhile', () => {
  const { sightings } = watched
  const lost = sightings.findIndex((one) => one.lost)
  const back = sightings.findIndex((one, at) => at > lost && !one.lost)
  expect(lost).toBeGreaterThan(0)
  expect(back).toBeGreaterThan(lost)
  expect(passes(sightings.slice(back).map(({ state }) => state))).toContain('awaitingQr')
})

test('an incident is opened with the keyboard alone, and axe finds no barrier', async () => {
  const { keyboard } = viewer.page
  const summary = (await viewer.page.locator('.incident summary').first().textContent())?.trim()
  for (let stop = 0; stop < 40 && (await viewer.focused()) !== summary; stop += 1) await keyboard.press('Tab')
  expect(await viewer.focused()).toBe(summary)
  await keyboard.press('Enter')
  await viewer.page.locator('.incident[open] .events li').first().waitFor()
  expect(await viewer.barriers()).toEqual([])
  expect({ breaches: viewer.breaches, thrown: viewer.thrown, foreign: viewer.foreign }).toEqual({
    breaches: [],
    thrown: [],
    foreign: [],
  })
})

test('no key and no credential is in the log, on the page, in an answer, a metric, a notice, the history or a replay, and no code that is over', async () => {
  const own = (name: string) => readFile(join(folder, '.lifeline', name), 'utf8')
  const history = await own('history.jsonl')
  const kept: unknown[] = history
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const replays = incidentsOf(kept.filter(isEntry), Date.now()).map((incident) =>
    JSON.stringify(replayFile(incident, kept)),
  )
  expect(replays.length).toBeGreaterThanOrEqual(1)
  const keys = await keyMaterial(folder)
  expect(keys.size).toBeGreaterThan(1_000)
  const log = demo.stdout + demo.stderr
  // A code is made of keys, and the page is where it is shown: what counts is all else that was said.
  const said = watched.codes.reduce((text, code) => text.replaceAll(code, 'the code'), watched.said)
  expect(said).not.toBe(watched.said)
  const texts = {
    log,
    page: watched.page,
    said,
    history,
    facts: await own('state.json'),
    replays: replays.join('\n'),
  }
  for (const [name, text] of Object.entries(texts)) {
    expect(text.length, name).toBeGreaterThan(300)
    expect(secretsShownIn(text, keys), name).toEqual([])
  }
  const parts = watched.codes.flatMap(codeParts)
  const afterwards = { ...texts, said: watched.saidAfterwards }
  expect(afterwards.said).toContain('lifeline_')
  for (const [name, text] of Object.entries(afterwards)) expect(secretsShownIn(text, parts), name).toEqual([])
})
