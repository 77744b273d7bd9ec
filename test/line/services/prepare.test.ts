import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BufferJSON } from '@whiskeysockets/baileys'
import { expect, test, vi } from 'vitest'
import { createActor } from 'xstate'
import { defaultPolicy, type PrepareInput } from '../../../machines/index.ts'
import { AuthStoreError } from '../../../src/errors/errors.ts'
import { lookOn } from '../../../src/line/services/damaged-sessions.ts'
import { EvidenceMonitor } from '../../../src/line/services/evidence-monitor.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { prepareAuth } from '../../../src/line/services/prepare-auth.ts'
import { pruneSessions } from '../../../src/line/services/prune-sessions.ts'
import { bindResources } from '../../../src/line/services/resources.ts'
import { gate } from '../../gate.ts'
import { link, linkedAccount, session } from '../../stores/account.ts'
import { FaultyDisk } from '../../stores/disk/faulty-disk.ts'
import { storeWith } from '../stores.ts'
import { auth, outcome, resourcesOn, socketLike } from './bench.ts'

/** An account whose creds.json is torn; without its good copies if that is said. */
async function torn({ copies }: { readonly copies: boolean }) {
  const { folder, store } = await linkedAccount()
  await writeFile(join(folder, 'creds.json'), '{"half')
  if (!copies) await rm(join(folder, '.lifeline', 'creds'), { recursive: true })
  return { folder, store }
}
/** A linked account whose pre-keys are numbered as they should be. */
async function soundAccount() {
  const account = await linkedAccount()
  await account.store.repairPreKeys()
  return account
}

/** How Node itself writes bytes, and Baileys does not. */
const bytesOf = (value: unknown) =>
  typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'Buffer'
    ? { type: 'Buffer', data: [...Buffer.from(String(Reflect.get(value, 'data')), 'base64')] }
    : undefined

const firstLook: PrepareInput = { firstLook: true, afterUnclean: false, ownCreds: false }
const afterCrash: PrepareInput = { ...firstLook, afterUnclean: true }
const prepared = (resources: Parameters<typeof outcome>[2], input = firstLook) => outcome(prepareAuth, input, resources)

test('torn credentials without a good copy are lost, unless a scanned pairing waits', async () => {
  const { store } = await torn({ copies: false })
  const { resources, told } = resourcesOn(store)
  expect(await prepared(resources)).toEqual({ link: 'unlinked', reason: 'creds-lost' })
  const staging = await store.openStaging()
  link(staging.state.creds)
  await staging.saveCreds()
  await staging.fence()
  expect(await prepared(resources)).toEqual({ link: 'staged', reason: 'creds-lost' })
  expect(told).toEqual([])
})

test('who only observes leaves torn credentials as they are, and says what he would do', async () => {
  const { folder, store } = await torn({ copies: true })
  const { resources, told } = resourcesOn(store, { mode: 'observe' })
  expect(await prepared(resources)).toMatchObject({ link: 'unlinked', reason: 'creds-lost' })
  expect(told).toEqual([
    ['would', 'credentials-restored', undefined, expect.stringMatching(/^creds\.json cannot be used/)],
  ])
  expect(await readFile(join(folder, 'creds.json'), 'utf8')).toBe('{"half')
})

test.each(['heal', 'observe'] as const)(
  'numbers of pre-keys that went back are raised, or said to be: mode %s',
  async (mode) => {
    const { folder, store, creds } = await linkedAccount()
    const before = JSON.stringify({ ...creds, nextPreKeyId: 1 }, BufferJSON.replacer)
    await writeFile(join(folder, 'creds.json'), before)
    const { resources, told } = resourcesOn(store, { mode })
    expect(await prepared(resources, afterCrash)).toMatchObject({ link: 'linked' })
    const why = 'the next pre-key id was below ids that are in use'
    expect(told).toEqual([[mode === 'heal' ? 'act' : 'would', 'pre-keys-raised', undefined, why]])
    expect((await readFile(join(folder, 'creds.json'), 'utf8')) === before).toBe(mode === 'observe')
  },
)

test.each(['heal', 'observe'] as const)(
  'after an unclean end sessions that nothing loads are set aside, or said to be: mode %s',
  async (mode) => {
    const { folder, store } = await soundAccount()
    await writeFile(join(folder, 'session-491.0.json'), '')
    await writeFile(join(folder, 'pre-key-2.json'), '')
    const { resources, told } = resourcesOn(store, { mode })
    expect(await prepared(resources, afterCrash)).toMatchObject({ link: 'linked' })
    const names = await readdir(folder)
    expect(names.includes('session-491.0.json')).toBe(mode === 'observe')
    if (mode === 'heal') {
      expect(told).toEqual([
        ['notice', 'sessions-pruned', expect.objectContaining({ scope: 'unloadable', addresses: ['491.0'] })],
      ])
    } else {
      expect(told).toEqual([['would', 'sessions-set-aside', 1, 'nothing can load their files']])
    }
    // Once for a run: the second look is a short one.
    told.length = 0
    await prepared(resources, { ...afterCrash, firstLook: false })
    expect(told).toEqual([])
  },
)

test.each(['heal', 'observe'] as const)(
  'sessions for which there was no time after an unclean end are set aside once connected, or said to be: mode %s',
  async (mode) => {
    const { folder, store } = await soundAccount()
    const { state, close } = await store.open()
    const addresses = Array.from({ length: 70 }, (_, at) => `${500 + at}.0`)
    await state.keys.set({ session: Object.fromEntries(addresses.map((address) => [address, session('d')])) })
    await close()
    const name = 'session-49.0.json'
    await writeFile(join(folder, name), '{"half')
    await utimes(join(folder, name), 0, 0)
    const policy = { ...defaultPolicy, prune: { ...defaultPolicy.prune, lookMs: 0 } }
    const { resources, told } = resourcesOn(store, { mode, policy, clock: () => 0 })
    await prepared(resources, afterCrash)
    expect(told).toEqual([])
    expect(resources.sessionsLeft.at(-1)).toBe(name)

    const live = new LiveSocket(1, await store.open(), resources)
    live.socket = socketLike({ authState: live.auth.state })
    lookOn(resources, live)
    await vi.waitFor(() => expect(told).toHaveLength(1), 5_000)
    const anew = { names: [name], withinMs: 1, now: () => 0 }
    const left = ((await store.lookAtSessions?.(anew))?.findings ?? []).length
    if (mode === 'observe') {
      expect([told, left]).toEqual([[['would', 'sessions-set-aside', 1, 'nothing can load their files']], 1])
    } else {
      const [entry] = await store.quarantined()
      const details = { scope: 'unloadable', addresses: ['49.0'], quarantine: entry?.id }
      expect([told, left]).toEqual([[['notice', 'sessions-pruned', details]], 0])
      expect(entry?.files.map((file) => [file.name, file.bytes])).toEqual([[name, 6]])
    }
    await vi.waitFor(() => expect(resources.sessionsLeft).toEqual([]))
    live.detach()
    await live.auth.close()
  },
)

test.each([
  ['heal', ['session-491.0.json']],
  ['heal', undefined],
  ['observe', ['session-491.0.json']],
] as const)(
  'sessions of an account of an earlier time are set aside before any message fails, or said to be: mode %s, %j',
  async (mode, sessions) => {
    const { folder, store, creds } = await soundAccount()
    const settled: boolean[] = []
    const wentBack = { words: 'it is of an earlier time', ...(sessions ? { sessions } : {}) }
    const { resources, told } = resourcesOn(
      storeWith(store, { wentBack, wentBackSettled: (done: boolean) => void settled.push(done) } as never),
      { mode },
    )
    const before = await readFile(join(folder, 'creds.json'), 'utf8')
    expect(await prepared(resources)).toMatchObject({ link: 'linked' })
    const left = (await readdir(folder)).filter((name) => name.startsWith('session-')).length
    const moved = sessions ? 1 : 3
    expect(left).toBe(mode === 'heal' ? 3 - moved : 3)
    expect(settled).toEqual([mode === 'heal'])
    const after = await readFile(join(folder, 'creds.json'), 'utf8')
    expect(after === before).toBe(mode === 'observe')
    if (mode === 'heal') expect(JSON.parse(after).nextPreKeyId).toBeGreaterThan(creds.nextPreKeyId)
    expect(told[0]).toEqual(['report', new Error(wentBack.words), 'looking for rows of an earlier time'])
    expect(told.slice(1)).toEqual(
      mode === 'observe'
        ? [['would', 'sessions-set-aside', 1, wentBack.words]]
        : [
            ['notice', 'sessions-pruned', expect.objectContaining({ scope: 'went-back', why: wentBack.words })],
            ['act', 'pre-keys-raised', undefined, wentBack.words],
          ],
    )
  },
)

test.each(['heal', 'observe'] as const)(
  'a field of the credentials that Baileys cannot work with gets another value, or is said to: mode %s',
  async (mode) => {
    const { folder, store, creds } = await soundAccount()
    const path = join(folder, 'creds.json')
    const { nextPreKeyId } = JSON.parse(await readFile(path, 'utf8'))
    const broken = JSON.stringify({ ...creds, nextPreKeyId, accountSyncCounter: 'many' }, BufferJSON.replacer)
    await writeFile(path, broken)
    const { resources, told } = resourcesOn(store, { mode })
    expect(await prepared(resources)).toMatchObject({ link: 'linked' })
    const why = 'Baileys could not have worked with accountSyncCounter'
    expect(told).toEqual([[mode === 'heal' ? 'act' : 'would', 'credentials-mended', undefined, why]])
    const { accountSyncCounter } = JSON.parse(await readFile(path, 'utf8'))
    expect(accountSyncCounter).toBe(mode === 'heal' ? 0 : 'many')
    told.length = 0
    await prepared(resources)
    expect(told).toHaveLength(mode === 'heal' ? 0 : 1)
  },
)

test.each(['heal', 'observe'] as const)(
  'an account in an older form is written anew at the first look of a run, or left as it is: mode %s',
  async (mode) => {
    const { folder, store } = await soundAccount()
    const path = join(folder, 'creds.json')
    const sound = await readFile(path, 'utf8')
    const older = JSON.stringify(JSON.parse(sound), (_, value: unknown) => bytesOf(value) ?? value)
    await writeFile(path, older)
    expect((await store.inspect()).findings.map(({ code }) => code)).toContain('older-form')
    const { resources, told } = resourcesOn(store, { mode })
    await prepared(resources, { ...firstLook, firstLook: false })
    expect(await readFile(path, 'utf8')).toBe(older)
    expect(await prepared(resources)).toMatchObject({ link: 'linked' })
    const after = await readFile(path, 'utf8')
    expect(JSON.parse(after)).toEqual(JSON.parse(mode === 'heal' ? sound : older))
    expect(told).toEqual([])
    const kept = (await store.quarantined()).map(({ reason }) => reason)
    expect(kept).toEqual(mode === 'heal' ? ['written anew in the form of today'] : [])
  },
)

test.each(['heal', 'observe'] as const)(
  'the quarantine is trimmed at the first look of a run by who heals, and trouble with that holds nothing up: mode %s',
  async (mode) => {
    const { store } = await soundAccount()
    const trimQuarantine = vi.fn(async () => {
      throw new Error('EIO')
    })
    const { resources, told } = resourcesOn(storeWith(store, { trimQuarantine }), { mode })
    await prepared(resources, { ...firstLook, firstLook: false })
    expect(trimQuarantine).not.toHaveBeenCalled()
    expect(await prepared(resources)).toMatchObject({ link: 'linked' })
    expect(trimQuarantine.mock.calls).toEqual(mode === 'heal' ? [[defaultPolicy.quarantine]] : [])
    const report = ['report', new Error('EIO'), 'trimming the quarantine']
    expect(told).toEqual(mode === 'heal' ? [report] : [])
  },
)

test('an account whose lock went to another and came back is claimed again, with what was written meanwhile told', async () => {
  const { store } = await soundAccount()
  let isOurs = false
  const acquire = vi.fn(async () => {
    isOurs = true
  })
  const replayed = { superseded: ['session-491.0.json'], spoilt: [] }
  const lost = storeWith(store, { owned: async () => isOurs, acquire, replayed } as never)
  const { resources, told } = resourcesOn(lost)
  await prepared(resources)
  await prepared(resources, { ...firstLook, firstLook: false })
  expect(acquire).toHaveBeenCalledTimes(1)
  expect(told).toEqual([['report', expect.any(Error), 'finishing what was written before a crash'], ['claimed']])
})

test('sessions that went meanwhile are set aside by nobody, and told by nobody', async () => {
  const { folder, store } = await soundAccount()
  await writeFile(join(folder, 'session-491.0.json'), '')
  const { resources, told } = resourcesOn(Object.assign(store, { quarantine: async () => undefined }))
  expect(await prepared(resources, afterCrash)).toMatchObject({ link: 'linked' })
  expect(told).toEqual([])
})

test('a promotion that a crash cut off is finished before anything else', async () => {
  const disk = new FaultyDisk()
  const { store } = await linkedAccount('49111', { fileSystem: disk.fileSystem })
  const staging = await store.openStaging()
  link(staging.state.creds, '49222')
  await staging.saveCreds()
  await staging.fence()
  let renames = 0
  disk.failing = (_, name) => (name === 'rename' && ++renames > 4 ? 'EIO' : undefined)
  await expect(store.promoteStaging('scanned anew')).rejects.toMatchObject({ code: 'AUTH_STORE_DISK' })
  disk.heal()
  expect(await prepared(resourcesOn(store).resources)).toMatchObject({ link: 'linked' })
  const { creds, findings } = await store.inspect({ depth: 'creds' })
  expect(creds).toMatchObject({ kind: 'present', value: { me: { id: expect.stringMatching(/^49222:/) } } })
  expect(findings).toEqual([])
})

test('nothing is pruned of an account that another process owns', async () => {
  const { store } = await linkedAccount()
  await store.release()
  const { resources } = resourcesOn(store)
  const input = { scope: 'all', addresses: [], why: 'test', facts: {} } as never
  await expect(outcome(pruneSessions, input, resources)).rejects.toMatchObject({
    problem: { kind: 'not-owner', message: expect.stringContaining('is owned by another process') },
  })
  expect(await store.quarantined()).toEqual([])
})

test('what a prune costs is written down before the first session moves, and a message from whom it set aside proves the cure', async () => {
  const { store } = await linkedAccount()
  let factsThen: unknown
  const quarantine: typeof store.quarantine = async (...given) => {
    factsThen = await store.readFacts()
    return store.quarantine(...given)
  }
  const proven: string[] = []
  const told = { changed: () => undefined, proven: (address: string) => proven.push(address) }
  const evidence = new EvidenceMonitor(defaultPolicy.decrypt, told)
  const { resources } = resourcesOn(storeWith(store, { quarantine }), { evidence })
  const input = { scope: 'failing', addresses: ['491.0'], why: 'test', facts: { prunes: 1 } } as never
  expect(await outcome(pruneSessions, input, resources)).toMatchObject({ addresses: ['491.0'] })
  expect(factsThen).toEqual({ prunes: 1 })
  for (const address of ['492.0', '491.0']) evidence.succeeded(address)
  expect(proven).toEqual(['491.0'])
  evidence.stop()
})

/** A store of which all is as the test says, and what it was asked for, in order. */
function scripted(linked: boolean, staged: boolean, more: object = {}) {
  const asked: unknown[] = []
  const does =
    (what: string, result?: unknown) =>
    async (...given: unknown[]) => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
      asked.push([what, ...given])
      return result
    }
  const creds = { kind: 'present', value: {} }
  const store = {
    owned: async () => true,
    inspect: does('inspect', { findings: [], creds, linked, counts: {} }),
    stagingPaired: async () => staged,
    repairPreKeys: does('pre-keys', true),
    trimQuarantine: does('trim'),
    lookAtSessions: does('sessions', { findings: [], left: [] }),
    quarantine: does('aside', { id: 'entry', files: [] }),
    ...more,
  }
  return { store: store as never, asked, names: () => asked.map((one) => (one as unknown[])[0]) }
}

test.each([
  [true, true, true, { link: 'linked', reason: 'never-linked' }],
  [false, true, true, { link: 'staged', reason: 'asked' }],
  [true, false, true, { link: 'staged', reason: 'never-linked' }],
  [false, false, true, { link: 'staged', reason: 'never-linked' }],
  [false, true, false, { link: 'linked', reason: 'never-linked' }],
  [true, false, false, { link: 'unlinked', reason: 'never-linked' }],
])(
  'a scanned pairing that waits goes before the account, unless the own credentials are asked for: asked %s, linked %s, waits %s',
  async (ownCreds, linked, staged, found) => {
    const { store } = scripted(linked, staged)
    expect(await prepared(resourcesOn(store).resources, { ...firstLook, ownCreds })).toEqual(found)
  },
)

test.each([
  ['heal', true, false, ['creds'], ['inspect', 'pre-keys', 'trim']],
  ['heal', true, true, ['creds'], ['inspect', 'pre-keys', 'sessions', 'trim']],
  ['heal', false, true, ['creds'], ['inspect', 'pre-keys']],
  ['observe', true, true, ['full'], ['inspect', 'sessions']],
  ['observe', true, false, ['creds'], ['inspect']],
  ['observe', false, true, ['creds'], ['inspect']],
] as const)(
  'looks as deep as it has to, and has each step end before the next: mode %s, first look %s, after a crash %s',
  async (mode, first, afterUnclean, depths, steps) => {
    const { store, asked, names } = scripted(true, false)
    const { resources } = resourcesOn(store, { mode })
    await prepared(resources, { firstLook: first, afterUnclean, ownCreds: false })
    expect(names()).toEqual(steps)
    expect(asked.flatMap((one) => ((one as unknown[])[0] === 'inspect' ? [(one as unknown[])[1]] : []))).toEqual(
      depths.map((depth) => ({ depth })),
    )
  },
)

test('looks at nothing before the socket of before is shut off', async () => {
  const { store, names } = scripted(true, false)
  const { resources } = resourcesOn(store)
  const held = gate()
  resources.live = new LiveSocket(1, auth({ fence: held.wait }), resources)
  const preparing = prepared(resources)
  await held.reached
  for (let turn = 0; turn < 9; turn += 1) await new Promise(setImmediate)
  expect(names()).toEqual([])
  held.pass()
  await preparing
  expect([names()[0], resources.live]).toEqual(['inspect', undefined])
})

test.each([true, false])(
  'an account of an earlier time has its pre-keys raised if it is linked, before anything else is mended: %s',
  async (linked) => {
    const settled: string[] = []
    const more = { wentBack: { words: 'of before' }, wentBackSettled: () => settled.push('settled') }
    const { store, asked } = scripted(linked, false, more)
    await prepared(resourcesOn(store).resources)
    const raised = linked ? [['pre-keys', { force: true }]] : []
    expect(asked.slice(1, 2 + raised.length)).toEqual([['aside', { kind: 'all-sessions' }, 'of before'], ...raised])
    expect(settled).toEqual(['settled'])
    expect(asked.filter((one) => (one as unknown[])[0] === 'pre-keys')).toHaveLength(linked ? 2 : 0)
  },
)

test.each([
  [new AuthStoreError('AUTH_STORE_OPEN', 'x', 'y'), true],
  [new AuthStoreError('AUTH_STORE_DISK', 'x', 'y'), false],
  [Object.assign(new Error('x'), { code: 'AUTH_STORE_OPEN' }), false],
])(
  'credentials that cannot be mended yet wait for the next start, and any other failure is one: %s',
  async (error, is) => {
    const { store } = scripted(true, false, { repairPreKeys: () => Promise.reject(error) })
    const { resources, told } = resourcesOn(store)
    if (is) expect(await prepared(resources)).toMatchObject({ link: 'linked' })
    else await expect(prepared(resources)).rejects.toMatchObject({ problem: { kind: 'disk' } })
    expect(told).toEqual([])
  },
)

test.each([
  ['while supervision ends', true, true, 1],
  ['while supervision ends, of which nothing was left', true, false, 0],
  ['that the statechart is told of', false, true, 0],
])('a prune %s is told as a notice only where nobody else tells of it', async (_, ends, moved, notices) => {
  const files = [{ name: 'session-491.0.json' }]
  let end: () => void = () => undefined
  const order: unknown[] = []
  const slow = async (what: string) => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    order.push(what)
  }
  const { resources, told } = resourcesOn({
    owned: async () => true,
    writeFacts: () => slow('facts'),
    quarantine: async () => {
      if (ends) end()
      await slow('aside')
      return moved ? { id: 'entry', files } : undefined
    },
  } as never)
  const input = { scope: 'failing', addresses: ['491.0'], why: 'test', facts: {} } as never
  const actor = createActor(pruneSessions, { input })
  bindResources(actor.system, resources)
  end = () => void actor.stop()
  actor.start()
  await Promise.all(resources.busy)
  expect(order).toEqual(['facts', 'aside'])
  const details = { scope: 'failing', why: 'test', addresses: ['491.0'], quarantine: 'entry' }
  expect(told).toEqual(notices === 0 ? [] : [['notice', 'sessions-pruned', details]])
  resources.evidence.stop()
})
