import { expect, test } from 'vitest'
import { doctorLines, fix } from '../../src/cli/doctor.ts'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import type { AuthStore, Finding, Inspection } from '../../src/stores/store.ts'

const finding = (code: string, file?: string, severity: Finding['severity'] = 'warning'): Finding => ({
  ...{
    severity,
    code,
    message: `message of ${file ?? code}`,
    consequence: `effect of ${code}`,
    cure: `cure of ${code}`,
  },
  ...(file === undefined ? {} : { file }),
})
const present = { kind: 'present', value: {} } as unknown as Inspection['creds']
const absent: Inspection['creds'] = { kind: 'absent' }

/** A store in which that is found, and what was asked of it. */
function scripted(findings: readonly Finding[], more: Partial<AuthStore> = {}, creds = present) {
  const asked: string[] = []
  const entry = (names: readonly string[]) => ({
    id: 'entry',
    at: 0,
    reason: '',
    files: names.map((name) => ({ name })),
  })
  const store = {
    location: '/auth',
    restoreCreds: async () => undefined,
    inspect: async () => ({ creds, linked: true, findings, counts: {} }),
    repairPreKeys: async ({ force }: { force: boolean }) => {
      asked.push(`repair ${force}`)
      return false
    },
    quarantine: async ({ names }: { names: readonly string[] }) => {
      asked.push(`aside ${names.join(' ')}`)
      return entry(names)
    },
    tighten: async () => {
      asked.push('tighten')
      return ['creds.json']
    },
    open: async () => {
      asked.push('open')
      const get = async (_: string, ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, `7${id}`]))
      const set = async (values: object) => void asked.push(JSON.stringify(values))
      return { state: { keys: { get, set } }, close: async () => undefined }
    },
    ...more,
  } as unknown as AuthStore
  return { store, asked }
}
const fixed = async (...given: Parameters<typeof scripted>) => {
  const { store, asked } = scripted(...given)
  const done = await fix(store)
  return { done, asked }
}

test('of a well folder the pre-keys are looked at and nothing else is touched; of one without creds nothing at all', async () => {
  expect(await fixed([])).toEqual({ done: [], asked: ['repair false'] })
  const codes = [
    ...[finding('pre-keys-missing'), finding('keys-overgrown', 'session-1.0.json')],
    finding('lid-mapping-one-way', 'lid-mapping-1.json'),
  ]
  expect(await fixed(codes, {}, absent)).toEqual({ done: [], asked: [] })
})

test('pre-keys are raised whatever they say where creds were put back, or keys are missing or gone', async () => {
  const raised = { repairPreKeys: async ({ force }: { force?: boolean } = {}) => force === true }
  for (const code of ['pre-keys-missing', 'pre-keys-gone'])
    expect((await fixed([finding(code)], raised)).done).toEqual(['The pre-key ids were raised.'])
  expect((await fixed([finding('session-mute')], raised)).done).toEqual([])
  const restored = { ...raised, restoreCreds: async () => ({ savedAt: 0 }) as never }
  expect((await fixed([], restored)).done).toEqual([
    'creds.json was replaced by the good copy of 1970-01-01T00:00:00.000Z.',
    'The pre-key ids were raised.',
  ])
})

test('other users are shut out where they may read, if the store can do that', async () => {
  const wide = [finding('permissions-wide')]
  const said = 'Other users may no longer read the folder.'
  expect(await fixed(wide)).toEqual({ done: [said], asked: ['repair false', 'tighten'] })
  expect((await fixed(wide, { tighten: async () => [] })).done).toEqual([])
  expect((await fixed(wide, { tighten: undefined } as never)).done).toEqual([])
})

test('a damaged file is set aside where Baileys makes it again, a sender key with its memory', async () => {
  const aside = async (code: string, file?: string) => {
    const { done, asked } = await fixed([finding(code, file)])
    return [asked.at(-1), done.join()]
  }
  for (const code of [
    ...['session-poison', 'session-useless', 'session-mute', 'sender-key-behind', 'file-shape', 'file-unreadable'],
  ])
    expect(await aside(code, 'session-1.0.json')).toEqual(['aside session-1.0.json', 'Set aside as entry: 1 file.'])
  const key = 'sender-key-12@g.us--34--1.json'
  expect(await aside('sender-key-behind', key)).toEqual([
    `aside ${key} sender-key-memory-12@g.us.json`,
    'Set aside as entry: 2 files.',
  ])
  for (const [code, file] of [
    ['keys-overgrown', undefined],
    ['file-foreign', 'session-1.0.json'],
    ['file-unreadable', 'pre-key-1.json'],
    ['file-unreadable', 'lid-mapping-1.json'],
    ['file-unreadable', 'notes.json'],
    ['file-unreadable', undefined],
  ] as const)
    expect(await aside(code, file), `${code} ${file}`).toEqual(['repair false', ''])
})

test('the way back of a mapping is written where it is missing, and what a crash interrupted is told', async () => {
  const { done, asked } = await fixed([1, 2].map((n) => finding('lid-mapping-one-way', `lid-mapping-${n}.json`)))
  expect(done).toEqual(['2 reverse lid-mappings written.'])
  expect(asked.at(-1)).toBe('{"lid-mapping":{"71_reverse":"1","72_reverse":"2"}}')
  const replayed = (told: object) => fixed([], { replayed: told } as never).then((one) => one.done)
  expect(await replayed({ finished: ['a', 'b'], superseded: ['c'], spoilt: ['d', 'e'] })).toEqual([
    'The last writes before a crash: 2 files put in place.',
    '1 file that another program wrote since: the newer stayed, the others are in the quarantine.',
    ...['d', 'e'].map((name) => `${name} is damaged: what can be read counts, and it is kept as ${name}.damaged.`),
  ])
  expect(await replayed({ finished: [], superseded: [], spoilt: [] })).toEqual([])
})

const marked = (name: string) => (text: string) => `<${name}>${text}`
const paint = {
  ...paintFor({ isTTY: false } as never, {}),
  ...{ width: 200, bad: marked('bad'), warn: marked('warn'), good: marked('good'), dim: marked('dim') },
} as Paint
const told = (inspection: Partial<Inspection>, done: readonly string[] = []) =>
  doctorLines(
    { location: '/auth' },
    { creds: absent, linked: false, findings: [], counts: {}, ...inspection },
    done,
    paint,
  )

test('a folder is headed by whom it is linked as, as far as it says', () => {
  const me = { kind: 'present', value: { me: { id: '49:1' } } } as unknown as Inspection['creds']
  const torn: Inspection['creds'] = { kind: 'unreadable', why: 'torn' }
  const heads = (inspection: Partial<Inspection>) => told(inspection)[1]
  expect(heads({ creds: me, linked: true })).toBe('<good>linked as 49:1')
  expect([heads({}), heads({ creds: present })]).toEqual(['<warn>not linked', '<warn>not linked'])
  expect(heads({ creds: torn })).toBe('<warn>linked or not: creds.json cannot be used, so it does not say')
  expect(heads({ creds: torn, goodCopy: { id: '49:1', savedAt: 0 } })).toBe(
    '<warn>linked as 49:1: creds.json cannot be used, a good copy of 1970-01-01T00:00:00.000Z is there',
  )
  expect(heads({ goodCopy: { id: '49:1', savedAt: 0 } })).toBe('<warn>not linked')
})

test('what was found is told by kind, the worst first, three of a kind by name, with the sum at the end', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((file) => finding('many', file, 'info'))
  const findings = [...many, finding('two', 'f'), finding('one', 'g', 'error'), finding('two', 'h')]
  expect(told({ findings, counts: { creds: 1, session: 2 } }, ['This.', 'That.'])).toEqual([
    ...['/auth', '<warn>not linked', 'Files: 1 creds, 2 session.', '<good>fixed This.', '<good>fixed That.', ''],
    ...['<bad>error    one: message of g.', '<dim>  effect effect of one', '<dim>  cure   cure of one', ''],
    ...[
      '<warn>warning  two: message of f. message of h.',
      '<dim>  effect effect of two',
      '<dim>  cure   cure of two',
      '',
    ],
    '<dim>info     many: message of a. message of b. message of c. And 2 more.',
    ...['<dim>  effect effect of many', '<dim>  cure   cure of many', ''],
    '<bad>1 error, 2 warnings. What can be cured, --fix cures; the gateway must be stopped for it.',
  ])
  expect(told({ findings: many.slice(0, 3) }).slice(-5)).toEqual([
    '<dim>info     many: message of a. message of b. message of c.',
    ...['<dim>  effect effect of many', '<dim>  cure   cure of many', '', '<good>Nothing is wrong.'],
  ])
  expect(told({ findings: [finding('two')] }).at(-1)).toMatch(/^<warn>1 warning\. What/)
  expect(told({})).toEqual(['/auth', '<warn>not linked', 'No files of Baileys.', '', '<good>Nothing is wrong.'])
})
