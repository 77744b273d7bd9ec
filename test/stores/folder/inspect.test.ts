import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { classify, fileClassRows } from '../../../src/stores/file-class.ts'
import { findingRows } from '../../../src/stores/findings.ts'
import { systemProcesses } from '../../../src/stores/process-identity.ts'
import { fileClasses } from '../../../src/stores/store.ts'
import { numberOf } from '../../share.ts'
import { filesBelow, linkedAccount, session, storeOf } from '../account.ts'
import { errnoError } from '../disk/faulty-disk.ts'
import { crashed, HandDelays } from './journal/crash.ts'
import { leaveClaim } from './left-claim.ts'
import { codesOf, soundAccount } from './sound-account.ts'

const half = (path: string) => readFile(path).then((bytes) => writeFile(path, bytes.subarray(0, bytes.length / 2)))

interface Entry {
  readonly currentRatchet: object
  readonly indexInfo: object
  readonly registrationId?: number
}

/** Another entry in the place of the only one of a session. */
async function spoil(folder: string, change: (entry: Entry) => object): Promise<void> {
  const path = join(folder, 'session-491.0.json')
  const { _sessions, ...rest } = JSON.parse(await readFile(path, 'utf8')) as {
    readonly _sessions: Record<string, Entry>
  }
  const changed = Object.entries(_sessions).map(([key, entry]) => [key, change(entry)])
  await writeFile(path, JSON.stringify({ ...rest, _sessions: Object.fromEntries(changed) }))
}

/** Bytes as JSON columns spell them: number by number. */
const spelt = (text: string): string =>
  text.replaceAll(
    /"data":"([^"]*)"/g,
    (_, data: string) => `"data":${JSON.stringify([...Buffer.from(data, 'base64')])}`,
  )

const rows: readonly (readonly [finding: string, damage: (folder: string) => Promise<unknown>])[] = [
  ['creds-unreadable creds.json', (folder) => half(join(folder, 'creds.json'))],
  ['file-unreadable session-491.0.json', (folder) => half(join(folder, 'session-491.0.json'))],
  ['file-unreadable session-491.0.json', (folder) => writeFile(join(folder, 'session-491.0.json'), '')],
  ['file-unreadable session-491.0.json', (folder) => writeFile(join(folder, 'session-491.0.json'), Buffer.alloc(600))],
  ['file-unreadable session-folder.0.json', (folder) => mkdir(join(folder, 'session-folder.0.json'))],
  ['file-unreadable pre-key-1.json', (folder) => half(join(folder, 'pre-key-1.json'))],
  ['file-shape pre-key-1.json', (folder) => writeFile(join(folder, 'pre-key-1.json'), '{"public":1}')],
  [
    'file-shape sender-key-1@g.us--491--0.json',
    (folder) => writeFile(join(folder, 'sender-key-1@g.us--491--0.json'), '{"type":"Buffer","data":"e30="}'),
  ],
  ['file-shape device-list-491.json', (folder) => writeFile(join(folder, 'device-list-491.json'), '{}')],
  ['file-shape app-state-sync-key-AA.json', (folder) => writeFile(join(folder, 'app-state-sync-key-AA.json'), '{}')],
  ['session-empty session-491.0.json', (folder) => writeFile(join(folder, 'session-491.0.json'), '{}')],
  ['session-empty session-491.0.json', (folder) => writeFile(join(folder, 'session-491.0.json'), 'null')],
  [
    'session-poison session-491.0.json',
    (folder) => writeFile(join(folder, 'session-491.0.json'), '{"_sessions":{"x":{}},"version":"v1"}'),
  ],
  [
    'session-poison session-491.0.json',
    (folder) => writeFile(join(folder, 'session-491.0.json'), '{"_sessions":{"x":7}}'),
  ],
  [
    'session-poison session-491.0.json',
    (folder) => writeFile(join(folder, 'session-491.0.json'), '{"_sessions":{},"version":"v9"}'),
  ],
  [
    'pre-key-regressed creds.json',
    (folder) =>
      writeFile(
        join(folder, 'pre-key-900.json'),
        '{"private":{"type":"Buffer","data":"AA=="},"public":{"type":"Buffer","data":"AA=="}}',
      ),
  ],
  ['pre-keys-missing', (folder) => rm(join(folder, 'pre-key-2.json'))],
  [
    'pre-keys-gone creds.json',
    async (folder) => {
      await rm(join(folder, 'pre-key-1.json'))
      await rm(join(folder, 'pre-key-2.json'))
    },
  ],
  ['session-useless session-491.0.json', (folder) => spoil(folder, (entry) => ({ ...entry, _chains: {} }))],
  [
    'session-useless session-491.0.json',
    (folder) => spoil(folder, (entry) => ({ ...entry, _chains: { A: { chainKey: { counter: 3 }, messageKeys: {} } } })),
  ],
  [
    'session-useless session-491.0.json',
    (folder) => spoil(folder, (entry) => ({ ...entry, currentRatchet: { ...entry.currentRatchet, rootKey: '' } })),
  ],
  [
    'session-mute session-491.0.json',
    (folder) => spoil(folder, (entry) => ({ ...entry, indexInfo: { ...entry.indexInfo, closed: 5 } })),
  ],
  ['session-mute session-491.0.json', (folder) => spoil(folder, ({ registrationId: _, ...rest }) => rest)],
  [
    'sender-key-behind sender-key-1@g.us--491--0.json',
    (folder) => {
      const states = [1, 2, 2_500].map((iteration) => ({ senderKeyId: 7, senderChainKey: { iteration } }))
      const data = Buffer.from(JSON.stringify(states)).toString('base64')
      return writeFile(join(folder, 'sender-key-1@g.us--491--0.json'), JSON.stringify({ type: 'Buffer', data }))
    },
  ],
  [
    'older-form session-491.0.json',
    async (folder) => {
      const path = join(folder, 'session-491.0.json')
      await writeFile(path, `\uFEFF${await readFile(path, 'utf8')}`)
    },
  ],
  [
    'older-form creds.json',
    async (folder) => writeFile(join(folder, 'creds.json'), spelt(await readFile(join(folder, 'creds.json'), 'utf8'))),
  ],
  ['temporary-file a-1.lifeline-tmp', (folder) => writeFile(join(folder, 'a-1.lifeline-tmp'), 'x')],
  ['foreign-file notes.txt', (folder) => writeFile(join(folder, 'notes.txt'), 'x')],
  ['lid-mapping-one-way lid-mapping-491.json', (folder) => writeFile(join(folder, 'lid-mapping-491.json'), '"99"')],
  [
    'lid-session-name session-99.0.json',
    async (folder) => {
      await writeFile(join(folder, 'lid-mapping-491.json'), '"99"')
      await writeFile(join(folder, 'lid-mapping-99_reverse.json'), '"491"')
      await writeFile(join(folder, 'session-99.0.json'), await readFile(join(folder, 'session-491.0.json')))
    },
  ],
  ['permissions-wide creds.json', (folder) => chmod(folder, 0o777)],
  [
    'permissions-wide creds.json',
    async (folder) => {
      await chmod(folder, 0o755)
      await chmod(join(folder, 'creds.json'), 0o644)
    },
  ],
]

describe('an inspection', () => {
  test('of a sound account finds nothing and counts the classes', async () => {
    const { store } = await soundAccount()
    const inspection = await store.inspect({ depth: 'full' })
    expect(inspection).toMatchObject({ linked: true, findings: [], creds: { kind: 'present' } })
    expect(inspection.counts).toEqual({ creds: 1, session: 3, 'pre-key': 2, 'sender-key-memory': 1 })
  })

  test.each(rows)('finds %s', async (finding, damage) => {
    const { folder, store } = await soundAccount()
    await damage(folder)
    const { findings } = await store.inspect({ depth: 'full' })
    expect(codesOf(findings)).toEqual([finding])
    for (const { message, consequence, cure } of findings)
      for (const text of [message, consequence, cure]) expect(text).not.toBe('')
  })

  test('reads only: no file changes and none is written, without the lock and beside its owner', async () => {
    const { folder } = await soundAccount()
    for (const [, damage] of rows.slice(1, 8)) await damage(folder).catch(() => undefined)
    const before = await filesBelow(folder)
    const refuse = () => Promise.reject(new Error('an inspection must not write'))
    const reader = storeOf(folder, {
      fileSystem: {
        ...nodeFileSystem,
        writeFile: refuse,
        rename: refuse,
        unlink: refuse,
        mkdir: refuse,
        rmdir: refuse,
      },
    })
    expect((await reader.inspect()).findings.length).toBeGreaterThan(2)
    expect(await filesBelow(folder)).toEqual(before)
  })

  test('says that a disk has no room before a write finds out', async () => {
    const { folder } = await soundAccount()
    const { findings } = await storeOf(folder, { freeBytes: async () => 3 * 1024 * 1024 }).inspect()
    expect(findings).toMatchObject([
      { code: 'disk-full', severity: 'error', message: expect.stringContaining('3072 KiB') },
    ])
  })

  test('of the folder above an account names the folder that it lies in', async () => {
    const { folder, store } = await soundAccount()
    await store.release()
    const { linked, findings } = await storeOf(dirname(folder)).inspect()
    expect(linked).toBe(false)
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'account-below',
        severity: 'error',
        message: expect.stringMatching(/lies in account\/$/),
      }),
    )
  })

  test('finds wide permissions, and the owner can narrow them', async () => {
    const { folder, store } = await soundAccount()
    await chmod(folder, 0o755)
    await chmod(join(folder, 'creds.json'), 0o644)
    expect(codesOf((await store.inspect()).findings)).toEqual(['permissions-wide creds.json'])
    await store.tighten?.()
    expect(codesOf((await store.inspect()).findings)).toEqual([])
    for (const name of ['.', 'creds.json', 'session-491.0.json'])
      expect((await stat(join(folder, name))).mode & 0o077, name).toBe(0)
  })

  test('tells of an older form of the account, whatever is staged beside it', async () => {
    const { folder, store } = await soundAccount()
    await (await store.openStaging()).saveCreds()
    const path = join(folder, 'creds.json')
    await writeFile(path, spelt(await readFile(path, 'utf8')))
    expect(codesOf((await store.inspect({ depth: 'creds' })).findings)).toEqual(['older-form creds.json'])
  })

  test('of a folder that does not exist finds absent creds', async () => {
    const { folder, store } = await soundAccount()
    await store.release()
    const reader = storeOf(join(folder, 'nothing-here'))
    expect(await reader.inspect()).toEqual({ creds: { kind: 'absent' }, linked: false, findings: [], counts: {} })
  })

  test('of creds alone tells who else may read them, and of a folder that is not there nothing', async () => {
    const { folder, store } = await soundAccount()
    await chmod(folder, 0o755)
    await chmod(join(folder, 'creds.json'), 0o644)
    expect(codesOf((await store.inspect({ depth: 'creds' })).findings)).toEqual(['permissions-wide creds.json'])
    const absent = { creds: { kind: 'absent' }, linked: false, findings: [], counts: {} }
    const full = storeOf(join(folder, 'nothing-here'), { freeBytes: async () => 0 })
    expect(await full.inspect({ depth: 'creds' })).toEqual(absent)
    expect(await full.inspect()).toEqual(absent)
  })

  test('of an account says nothing of one that lies below it, nor of a file that goes while it is looked at', async () => {
    const { folder, store } = await soundAccount()
    await mkdir(join(folder, 'default'))
    await writeFile(join(folder, 'default', 'creds.json'), '{}')
    const before = codesOf((await store.inspect()).findings)
    expect(before.filter((code) => code.startsWith('account-below'))).toEqual([])
    const readFile: typeof nodeFileSystem.readFile = async (path) => {
      if (path.endsWith('session-491.0.json')) throw errnoError('ENOENT')
      return nodeFileSystem.readFile(path)
    }
    const reader = storeOf(folder, { fileSystem: { ...nodeFileSystem, readFile } })
    expect(codesOf((await reader.inspect()).findings)).toEqual(before)
  })

  test('counts the files that are still to be put in their place', async () => {
    for (const [sessions, words] of [
      [['491.0'], '1 file is still'],
      [['491.0', '492.0'], '2 files are still'],
    ] as const) {
      const { folder, store } = await linkedAccount('49111', { delays: new HandDelays() })
      const { state } = await store.open()
      await state.keys.set({ session: Object.fromEntries(sessions.map((id) => [id, session('new')])) })
      const { findings } = await storeOf(await crashed(folder)).inspect()
      expect(findings.map(({ message }) => message)).toContainEqual(expect.stringContaining(words))
    }
  })

  test.each([
    [{ ...systemProcesses.self(), pid: 2 ** 22 + 1 }, `process ${2 ** 22 + 1} on ${systemProcesses.self().host},`],
    ['{"pid":', 'process (unknown) on (unknown),'],
  ])('names the owner of a lock that is left, as far as it is known', async (owner, words) => {
    const { folder, store } = await soundAccount()
    await store.release()
    await leaveClaim(folder, owner, 25_000)
    expect((await storeOf(folder).inspect()).findings).toMatchObject([
      { code: 'lock-stale', message: expect.stringContaining(words) },
    ])
  })

  test('while a promotion is unfinished shows the new creds, wherever they lie by then', async () => {
    const { folder, store } = await soundAccount()
    const pairing = await linkedAccount('49222')
    await pairing.store.release()
    const own = join(folder, '.lifeline')
    await mkdir(join(own, 'staging'), { recursive: true })
    const staged = join(own, 'staging', 'creds.json')
    await writeFile(staged, await readFile(join(pairing.folder, 'creds.json')))
    await writeFile(join(own, 'promotion.json'), JSON.stringify({ files: ['creds.json'], old: null }))
    const shown = async () => {
      const { creds, linked, findings } = await store.inspect({ depth: 'creds' })
      return [creds.kind === 'present' && creds.value.me?.id, linked, codesOf(findings)]
    }
    const unfinished = [pairing.creds.me?.id, true, ['promotion-unfinished']]
    expect(await shown()).toEqual(unfinished)
    await writeFile(join(folder, 'creds.json'), await readFile(staged))
    await rm(staged)
    expect(await shown()).toEqual(unfinished)
    await rm(join(own, 'promotion.json'))
    await mkdir(join(own, 'promotion.json'))
    expect((await shown())[2]).not.toContain('promotion-unfinished')
  })

  test('prints nothing, although libsignal would print on old sessions', async () => {
    const { folder, store } = await soundAccount()
    await writeFile(join(folder, 'session-491.0.json'), '{"_sessions":{}}')
    const written: unknown[] = []
    const consoles = ['log', 'info', 'warn', 'error'] as const
    const originals = consoles.map((level) => console[level])
    for (const level of consoles) console[level] = (...line) => written.push(line)
    await store.inspect()
    consoles.forEach((level, at) => {
      console[level] = originals[at] ?? console[level]
    })
    expect(written).toEqual([])
  })
})

describe('the tables', () => {
  test('every file class has its row, and its names are told apart', () => {
    expect(fileClassRows.map((row) => row.class).sort()).toEqual(
      fileClasses.filter((name) => name !== 'unknown').sort(),
    )
    for (const row of fileClassRows)
      expect(classify(row.class === 'creds' ? 'creds.json' : `${row.prefix}-1.json`)?.class).toBe(row.class)
  })

  test.each([
    ['sender-key-memory-1@g.us.json', 'sender-key-memory'],
    ['sender-key-1@g.us--49--0.json', 'sender-key'],
    ['app-state-sync-version-regular.json', 'app-state-sync-version'],
    ['session-491.0.json', 'session'],
    ['creds-1.json', undefined],
    ['session-491.0.json.bak', undefined],
    ['sessions.json', undefined],
    ['package.json', undefined],
  ])('%s is of class %s', (name, expected) => {
    expect(classify(name)?.class).toBe(expected)
  })

  test('every finding row says what follows and what to do', () => {
    for (const row of Object.values(findingRows))
      expect([row.consequence, row.cure].every((text) => text.length > 3)).toBe(true)
  })
})

describe('random damage', () => {
  const damage = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => () => Buffer.from(bytes)),
    fc.nat().map((at) => (bytes: Buffer) => bytes.subarray(0, at % Math.max(1, bytes.length))),
    fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })).map(([at, bit]) => (bytes: Buffer) => {
      const flipped = Buffer.from(bytes)
      const place = at % Math.max(1, bytes.length)
      if (bytes.length > 0) flipped[place] = (flipped[place] ?? 0) ^ (1 << bit)
      return flipped
    }),
    fc.constant((bytes: Buffer) => Buffer.alloc(bytes.length)),
  )

  property.prop([fc.nat(), damage], { numRuns: numberOf(50, 12) })(
    'of any one file: nothing crashes, an unreadable file is named, and the credentials survive',
    async (pick, change) => {
      const { folder, store, creds } = await soundAccount()
      const opening = await store.open()
      await opening.fence()
      await store.writeFacts({ budget: 1 })
      await store.appendHistory({ n: 1 })
      await store.quarantine({ kind: 'sessions', addresses: ['493.12'] }, 'fuzz')
      const files = [...(await filesBelow(folder)).keys()].sort()
      const name = files[pick % files.length] ?? ''
      const path = join(folder, name)
      const original = await readFile(path)
      await writeFile(path, change(original))

      const { findings, creds: read } = await store.inspect()
      const isKey = !name.startsWith('.lifeline') && name !== 'creds.json'
      let parses = true
      try {
        JSON.parse(await readFile(path, 'utf8'))
      } catch {
        parses = false
      }
      if (isKey && !parses) expect(findings.map((finding) => finding.file)).toContain(name)
      if (read.kind !== 'present') expect(await store.restoreCreds('fuzz')).toBeDefined()
      await store.repairPreKeys()
      const again = await store.open()
      expect(again.state.creds.signedIdentityKey).toEqual(creds.signedIdentityKey)
      expect(again.state.creds.noiseKey.public).toEqual(creds.noiseKey.public)
      expect(again.state.creds.registrationId).toBe(creds.registrationId)
      await again.state.keys.get('session', ['491.0', '492.0'])
      await again.fence()
      for (const read of [store.readFacts(), store.readHistory(9), store.quarantined()]) await read
      await store.quarantine({ kind: 'all-sessions' }, 'fuzz')
      expect((await readdir(folder)).filter((file) => file.startsWith('session-'))).toEqual([])
      await store.release()
    },
  )
})
