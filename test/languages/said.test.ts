import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { causeSaid, connectionMachine, pruneRefusal, stateNameOf, statusOf } from '../../machines/index.ts'
import { stateWords } from '../../machines/state-words.ts'
import { linkWords, plainWords } from '../../src/cli/dashboard.ts'
import { labelOf } from '../../src/dashboard/labels.ts'
import { remediationHere } from '../../src/dashboard/page/remedy-words.ts'
import { FencedError, LockedError, UnreadableCredsError } from '../../src/errors/errors.ts'
import { causeWords, sentence } from '../../src/history/incidents/index.ts'
import { catalogues } from '../../src/languages/catalogues.ts'
import { english } from '../../src/languages/english.ts'
import { Translation } from '../../src/languages/translation.ts'
import { noticeDetails } from '../../src/notices/details.ts'
import { noticeWords } from '../../src/notices/words.ts'
import { diskError } from '../../src/stores/disk/disk-error.ts'
import { databaseError } from '../../src/stores/postgres/failure.ts'
import { Rig } from '../machines/rig.ts'
import { anyStep, perform, type Step } from '../machines/steps.ts'
import { inProject } from '../root.ts'
import { numberOf } from '../share.ts'
import { pageTexts } from './page-texts.ts'
import { refusedTexts } from './refused-texts.ts'

/** Pieces of texts that are there as a whole, and what no person reads. */
const pieces: ReadonlySet<string> = new Set([
  ...['The account goes offline', 'The account stays offline', 'nothing heard of {}', 'with the number +{}'],
  ...['short drop', 'short drops', 'Connected throughout', 'Down {}', 'so far', 'Down {}{}: {}'],
  ...['lifeline.alerts', 'drops {}', 'button primary'],
])

const german = new Translation('de', catalogues.de)
const whatToDo = 'add it to src/languages/english.ts, and its translation to each language beside it'

/** What of a text has no translation. */
function unknownIn(text: string): readonly string[] {
  const sentences = text
    .trim()
    .split(/(?<=[.!?])\s+(?=[\p{Lu}\d“])/u)
    .filter((part) => part !== '')
  const unknown = sentences.filter((part) => german.find(part) === undefined)
  // What stands there as a whole has no sentence of its own.
  return unknown.length === sentences.length && german.find(text) !== undefined ? [] : unknown
}

async function play(steps: readonly Step[], mode: 'heal' | 'observe', said: Set<string>): Promise<void> {
  const rig = new Rig({ mode, random: () => 0.5 })
  await rig.start()
  for (const [index, step] of steps.entries()) {
    await perform(rig, step, index)
    const { value, context } = rig.actor.getSnapshot()
    const status = statusOf(stateNameOf(value), context)
    said
      .add(status.message)
      .add(status.remediation ?? '')
      .add(labelOf(status))
      .add(context.reason?.why ?? '')
    for (const scope of ['failing', 'all'] as const) {
      const refusal = pruneRefusal(context, scope)
      said.add(refusal?.message ?? '').add(refusal?.remediation ?? '')
    }
    for (const { kind } of rig.notices.splice(0)) {
      const told = noticeWords(kind, noticeDetails(kind, context), status)
      said.add(told.message).add(told.remediation ?? '')
    }
  }
}

test('whatever the machine goes through, each sentence of a status and of a notice is there in each language', async () => {
  const said = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 20, size: 'max' }),
      fc.constantFrom('heal' as const, 'observe' as const),
      async (steps, mode) => play(steps, mode, said),
    ),
    { numRuns: numberOf(1_500, 50) },
  )
  expect(said.size).toBeGreaterThan(40)
  expect([...said].flatMap(unknownIn), whatToDo).toEqual([])
})

test('each cause of a close and of an incident is there, within a sentence and as one', () => {
  const causes = [...Object.values(causeSaid), ...Object.values(causeWords)]
  expect([...causes, ...causes.map(sentence)].flatMap(unknownIn), whatToDo).toEqual([])
})

/** Whatever a transition or a state of the chart is explained with. */
function descriptionsIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return found
  for (const [field, inner] of Object.entries(value))
    if (field === 'description' && typeof inner === 'string') found.add(inner)
    else descriptionsIn(inner, found)
  return found
}

test('each reason of the statechart is there, of a transition and of a state', () => {
  const descriptions = descriptionsIn(connectionMachine.config)
  expect(descriptions.size).toBeGreaterThan(100)
  expect([...descriptions].flatMap(unknownIn), whatToDo).toEqual([])
})

/** Names of the code, which stay as they are: `awaitingQr`, `stop()`, `rememberCode, notify`. */
const isCode = (text: string): boolean => /^(\w+(\(\))?(, )?)+$|^\d{3}( · \d{3})*$/.test(text)

test.each(['overview', 'connection'])('each label of the drawing %s is there, but for names of the code', (name) => {
  const drawing = readFileSync(inProject(`diagrams/${name}.svg`), 'utf8')
  const descriptions = [...descriptionsIn(connectionMachine.config)]
  const texts = [...drawing.matchAll(/<text[^>]*>([^<]+)/g)].map(([, text = '']) => text)
  expect(texts.length).toBeGreaterThan(50)
  const parts = texts
    // Lines of a sentence that the page breaks anew.
    .filter((text) => german.find(text) === undefined && !descriptions.some((one) => one.includes(text)))
    .flatMap((text) => text.split(' · ').map((part) => part.replace(/^\w+ (?=(done|fails)$)/, '')))
  expect(
    [...new Set(parts)].filter((part) => !isCode(part) && german.find(part) === undefined),
    whatToDo,
  ).toEqual([])
})

test('each text of the page is there in each language', () => {
  const shapes = new Set(english.map((text) => text.replace(/\{\w+:[^}]*\}/g, '{}').replace(/\{\w+\}/g, '{}')))
  const outside = [...pageTexts()].flatMap(([module, texts]) =>
    texts
      .filter((text) => !pieces.has(text) && !shapes.has(text) && german.find(text) === undefined)
      .map((text) => `${module}: ${text}`),
  )
  expect(outside, whatToDo).toEqual([])
})

test('why something lies in the quarantine is there, and why it was not restored', () => {
  const reasons = ['src/stores/folder/journal/replay.ts', 'src/line/services/live-socket.ts']
    .map((path) => readFileSync(inProject(path), 'utf8'))
    .flatMap((source) => [...source.matchAll(/(?:Reason|outOfStep|underOther) = '([^']+)'/g)])
    .map(([, reason = '']) => reason)
  expect(reasons.length).toBe(4)
  const refusals = [
    'Supervision is stopped, so nothing was restored.',
    'Nothing is restored in the mode observe.',
    'There is no quarantine entry with this id.',
    'Entry 2026-11 was not restored: 2 newer files stand in their place (a, b); newer versions of 3 files were set aside since (c). Old keys behind their successors break decryption. Nothing was moved.',
    'Leave them in the quarantine. If you are sure, force it: what it replaces is set aside first.',
  ]
  expect([...reasons, ...refusals].flatMap(unknownIn), whatToDo).toEqual([])
})

/** In the words of the page too, where a button has another name than the method. */
const onThePage = (remediation: string): readonly string[] => [remediation, remediationHere({ remediation })]

test('each state is there, as a step of the way', () => {
  expect(Object.values(stateWords).flatMap(unknownIn), whatToDo).toEqual([])
})

/** `logout()`, a scope and characters of one's own are asked for by programs alone. */
const programsAlone = new Set(['NOT_CONNECTED', 'SCOPE_INVALID', 'PAIRING_CODE_INVALID'])

test('whatever a request of the page is refused with is there, by the page and by a line, a fleet or a store', () => {
  const modules = readdirSync(inProject('src/dashboard')).filter((name) => name.endsWith('.ts'))
  const byGate = modules.flatMap((name) => refusedTexts(`src/dashboard/${name}`, /^(Refusal|NotLetIn)$/, programsAlone))
  const further = ['line/commands', 'line/restore', 'line/services/prune-sessions', 'fleet/fleet', 'fleet/command-desk']
  const stores = ['fleet/command', 'stores/restore', 'stores/ownership', 'stores/postgres/lease-lock']
  const byLine = [...further, ...stores].flatMap((name) => refusedTexts(`src/${name}.ts`, /Error$/, programsAlone))
  expect(byGate.length).toBeGreaterThan(40)
  expect(byLine.length).toBeGreaterThan(30)
  const codes = [
    '40001',
    '57014',
    '53300',
    '25006',
    '53100',
    '28000',
    '42501',
    'POOL',
    'ECONNREFUSED',
    'XX000',
    '42P01',
  ]
  const errnos = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENAMETOOLONG', 'ELOOP']
  const failed = (code: string): Error => Object.assign(new Error('it failed'), { code })
  const errors = [
    ...codes.map((code) => databaseError('account a', 'reading', failed(code))),
    ...[...errnos, 'ESTALE', 'EOTHER'].map((code) => diskError('/auth', 'restoring files', failed(code))),
    diskError('/auth', 'reading', failed('ERR_MODULE_NOT_FOUND')),
    new FencedError('/auth'),
    new LockedError('/auth', { pid: 7, host: 'a' }),
    new LockedError('/auth', { pid: undefined, host: undefined }),
    new UnreadableCredsError('/auth', 'it is empty'),
  ].flatMap(({ message, remediation }) => [message, remediation])
  expect([...byGate, ...byLine, ...errors].flatMap(onThePage).flatMap(unknownIn), whatToDo).toEqual([])
})

test('what a store was doing when it failed a restore or a prune is there', () => {
  const doing = ['src/stores/ownership.ts', 'src/stores/postgres/lease-lock.ts']
    .map((path) => readFileSync(inProject(path), 'utf8'))
    .flatMap((source) => [...source.matchAll(/(?:alone|onDisk|databaseError)\([^'\n]*'([a-z ]+)'/g)])
    .map(([, words = '']) => words)
  expect(doing.length).toBeGreaterThan(3)
  const steps = ['reading the quarantine', 'restoring files', 'setting files aside', 'repairing the credentials']
  expect([...doing, ...steps].flatMap(unknownIn), whatToDo).toEqual([])
})

test('where the dashboard is, as a terminal and a log say it, is there', () => {
  const words = [linkWords('http://127.0.0.1:4747/sign-in#abc'), plainWords('http://127.0.0.1:4747/')]
  expect(words.flatMap(unknownIn), whatToDo).toEqual([])
})

test('a text of an owner, which no catalogue can have, is told as it is', () => {
  expect(unknownIn('Some text that nobody translated.')).toEqual(['Some text that nobody translated.'])
})
