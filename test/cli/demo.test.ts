import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DemoEvent } from '../../src/demo/events.ts'
import { fileAuthStore } from '../../src/index.ts'
import { lifeline } from './command.ts'

type Told<T extends DemoEvent['type']> = Extract<DemoEvent, { type: T }> & { atMs: number }

test('the demo is over in under a minute, ends with exit code 0, and what it claims is so', {
  timeout: 90_000,
}, async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'lifeline-kept-')), 'auth')
  const { code, stdout, stderr } = await lifeline('demo', '--json', '--keep', folder)
  expect(stderr).toBe('')
  const events: (DemoEvent & { atMs: number })[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const told = <T extends DemoEvent['type']>(type: T) => events.filter((event): event is Told<T> => event.type === type)
  const [summary] = told('summary')
  const [harm] = told('harm')
  if (!summary || !harm) throw new Error(`No summary or no harm was told:\n${stdout}`)

  expect(summary.claims.filter(({ held }) => !held)).toEqual([])
  expect({ code, ok: summary.ok, last: events.at(-1)?.type }).toEqual({ code: 0, ok: true, last: 'summary' })
  expect(summary.totalMs).toBeLessThan(60_000)
  expect(summary.closes).toEqual({
    'act 1': { '440 replaced': 1, '515 restart-required': 3 },
    'act 2': { '401 logged-out': 1, '515 restart-required': 1 },
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
