import { describe, expect, test } from 'vitest'
import type { AuthStore } from '../../../src/stores/store.ts'
import { shareOf } from '../../share.ts'
import { session } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'
import { FailingMedium } from './failing-medium.ts'

/** Of the calls to a disk, which are many, a share each day; rows are changed in a step or two. */
const daily = 10

describe.each(everyKind())('on a medium that fails, the $kind store', (kind) => {
  const { everything, plant } = kind
  const { ownedStore, linked, pairStaged, behind } = accountsIn(kind)

  interface Trial {
    readonly prepare?: (store: AuthStore, folder: string) => Promise<unknown>
    readonly step: (store: AuthStore) => Promise<unknown>
  }
  const trials: Readonly<Record<string, Trial>> = {
    'a quarantine of all sessions': { step: (store) => store.quarantine({ kind: 'all-sessions' }, 'test') },
    'a restore of creds': {
      prepare: (store, folder) => behind(store, () => plant(folder, 'creds.json', '{"half')),
      step: (store) => store.restoreCreds('test'),
    },
    'the pre-key repair': { step: (store) => store.repairPreKeys({ force: true }) },
    'a forced restore': {
      prepare: async (store) => {
        await store.quarantine({ kind: 'sessions', addresses: ['491.0', '492.0'] }, 'earlier')
        const opening = await store.open()
        await opening.state.keys.set({ session: { '491.0': session('new') } })
        await opening.fence()
      },
      step: async (store) => store.restore((await store.quarantined())[0]?.id ?? '', { force: true }),
    },
    'a promotion': {
      prepare: (store) => pairStaged(store, '49222'),
      step: (store) => store.promoteStaging('scanned anew'),
    },
    'setting a pairing aside': {
      prepare: (store) => pairStaged(store, '49222'),
      step: (store) => store.discardStaging?.('a stranger') ?? Promise.resolve(),
    },
  }

  /** The account before the step, on a medium of its own. */
  const ready = async ({ prepare }: Trial) => {
    const medium = new FailingMedium(kind)
    const account = await linked(medium.options)
    await prepare?.(account.store, account.folder)
    return { ...account, medium, before: await everything(account.folder) }
  }
  const stepsOf = async (trial: Trial) => {
    const { medium, store } = await ready(trial)
    medium.dieAt(Number.POSITIVE_INFINITY)
    await trial.step(store)
    const { steps } = medium
    medium.heal()
    await store.release()
    return shareOf(
      Array.from({ length: steps }, (_, at) => at + 1),
      daily,
    )
  }

  test.each(Object.entries(trials))(
    'loses no content by %s that breaks at any step, and has creds for the next owner',
    async (name, trial) => {
      for (const step of await stepsOf(trial)) {
        const { folder, store, medium, before } = await ready(trial)
        medium.dieAt(step)
        const failure = await trial.step(store).then(
          () => undefined,
          (error: unknown) => error,
        )
        // Of the last calls to a disk some only tidy up.
        if (failure !== undefined || kind.rows !== undefined)
          expect(failure).toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
        medium.heal()
        await store.release()
        const next = await ownedStore(folder)
        if ((await next.inspect({ depth: 'creds' })).creds.kind !== 'present') await next.restoreCreds('after it')
        const opening = await next.open()
        expect(opening.state.creds.me?.id).toMatch(/^49/)
        await opening.fence()
        const after = new Set((await everything(folder)).values())
        for (const [place, content] of before)
          if (!place.startsWith('entry/') && !place.startsWith('own/') && !after.has(content))
            throw new Error(`${place} is lost by ${name} that broke at step ${step}`)
        await next.release()
      }
    },
  )

  test('has the new pairing in its place or still staged, whole, after a promotion that broke, also when a code is asked for next', async () => {
    const promotion = trials['a promotion'] as Trial
    const ends = new Set<string>()
    for (const step of await stepsOf(promotion)) {
      const { folder, store, medium, creds: old } = await ready(promotion)
      medium.dieAt(step)
      await expect(promotion.step(store)).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
      medium.heal()
      const idNow = async () => {
        const { creds } = await store.inspect({ depth: 'creds' })
        return creds.kind === 'present' ? creds.value.me?.id : creds.kind
      }
      const broken = await idNow()
      const staged = await store.stagingPaired()
      expect([old.me?.id, '49222:7@s.whatsapp.net'], `after step ${step}`).toContain(broken)
      if (broken === old.me?.id) expect(staged, `after step ${step}`).toBe(true)
      await (await store.openStaging()).fence()
      expect(await idNow(), `after step ${step}`).toBe(broken)
      const names = [...(await kind.stored(folder)).keys()].filter((name) => name.startsWith('session-')).sort()
      expect(names, `after step ${step}`).toEqual(
        broken === old.me?.id
          ? ['session-491.0.json', 'session-492.0.json', 'session-493.12.json']
          : ['session-491.0.json', 'session-888.0.json'],
      )
      ends.add(String(broken))
    }
    expect(ends).toContain(String((await linked()).creds.me?.id))
  })

  test.each(['ENOSPC', 'EACCES', 'EROFS', 'EIO'])(
    'tells of %s by its name when it writes, has the old content or the new, and goes on',
    async (errno) => {
      const medium = new FailingMedium(kind)
      const { store, creds } = await linked(medium.options)
      const opening = await store.open()
      const { keys } = opening.state
      const failed = { code: 'AUTH_STORE_DISK', errno, remediation: expect.any(String) }
      medium.dieAt(1, errno)
      await expect(
        Promise.resolve(keys.set({ session: { '491.0': session('x'), '492.0': session('y') } })),
      ).rejects.toMatchObject({ ...failed, message: expect.stringContaining(errno) })
      medium.heal()
      const old = { '491.0': session('a'), '492.0': session('b') }
      const young = { '491.0': session('x'), '492.0': session('y') }
      // What a failing disk took of a set is whole or not there.
      const either = kind.rows === undefined ? [old, young] : [old]
      expect(either).toContainEqual(await keys.get('session', ['491.0', '492.0']))
      await keys.set({ session: { '491.0': session('z') } })
      expect(await keys.get('session', ['491.0'])).toEqual({ '491.0': session('z') })
      medium.dieAt(1, errno)
      await expect(opening.saveCreds()).rejects.toMatchObject(failed)
      medium.heal()
      expect((await store.inspect({ depth: 'creds' })).creds).toMatchObject({
        kind: 'present',
        value: { registrationId: creds.registrationId },
      })
      await opening.saveCreds()
      await opening.fence()
    },
  )

  test('says where it failed, and while doing what', async () => {
    const medium = new FailingMedium(kind)
    const { store } = await linked(medium.options)
    const words = async (ask: () => Promise<unknown>) =>
      ask().then(
        () => 'nothing',
        ({ message }) => String(message),
      )
    const said = (doing: string) =>
      `The disk failed with EACCES while ${doing} in ${store.location}. What was stored before is still there.`
    const reads: readonly (readonly [doing: string, () => Promise<unknown>])[] = [
      ['opening the account', () => store.open()],
      ['inspecting', () => store.inspect()],
      ['setting files aside', () => store.quarantine({ kind: 'all-sessions' }, 'x')],
      ['copying files aside', () => store.copyAside({ kind: 'all-sessions' }, 'x')],
      ['reading the quarantine', () => store.quarantined()],
      ['restoring creds', () => store.restoreCreds('x')],
      ['repairing the credentials', () => store.repairPreKeys({ force: true })],
      ['reading the staging area', () => store.stagingPaired()],
      ['opening the staging area', () => store.resumeStaging()],
      ['putting the new pairing in place', () => store.promoteStaging('x')],
      ['reading the facts', () => store.readFacts()],
      ['reading the history', () => store.readHistory(1)],
      ['reading what was sent', () => store.sent?.read() ?? Promise.resolve()],
    ]
    medium.deafen('EACCES')
    for (const [doing, ask] of reads) expect(await words(ask)).toBe(said(doing))
    medium.heal()
    const writes: readonly (readonly [doing: string, () => Promise<unknown>])[] = [
      ['writing the facts', () => store.writeFacts({})],
      ['writing the history', () => store.appendHistory({})],
      ['keeping what was sent', () => store.sent?.append([{}]) ?? Promise.resolve()],
      ['keeping what was sent', () => store.sent?.replace([{}]) ?? Promise.resolve()],
    ]
    medium.dieAt(1, 'EACCES')
    for (const [doing, ask] of writes) expect(await words(ask)).toBe(said(doing))
    medium.heal()
    const { state, fence } = await store.open()
    medium.deafen('EACCES')
    expect(await words(async () => state.keys.get('session', ['491.0']))).toBe(said('reading a key'))
    expect(await words(async () => state.keys.clear?.())).toBe(said('listing the keys'))
    medium.heal()
    medium.dieAt(1, 'EACCES')
    expect(await words(async () => state.keys.set({ session: { x: null } }))).toBe(
      said(kind.rows ? 'writing' : 'noting what is to be written'),
    )
    expect(await words(async () => state.keys.set({ ['new-type' as 'session']: { x: session('x') } }))).toMatch(
      'The disk failed with EACCES',
    )
    medium.heal()
    await fence()
  })

  test('takes nothing that cannot be read for absent: no identity is minted, and facts, history and quarantine are not empty', async () => {
    const medium = new FailingMedium(kind)
    const { folder, store } = await linked(medium.options)
    await store.writeFacts({ a: 1 })
    await store.appendHistory({ a: 1 })
    const before = await everything(folder)
    medium.deafen('EIO')
    const failed = { code: 'AUTH_STORE_DISK', errno: 'EIO' }
    const asked: readonly (() => Promise<unknown>)[] = [
      () => store.open({ mint: true }),
      () => store.inspect({ depth: 'creds' }),
      () => store.readFacts(),
      () => store.readHistory(1),
      () => store.quarantined(),
      () => store.stagingPaired(),
    ]
    for (const [at, ask] of asked.entries()) await expect(ask(), `question ${at}`).rejects.toMatchObject(failed)
    medium.heal()
    expect(await everything(folder)).toEqual(before)
    expect([await store.readFacts(), await store.readHistory(1)]).toEqual([{ a: 1 }, [{ a: 1 }]])
  })
})
