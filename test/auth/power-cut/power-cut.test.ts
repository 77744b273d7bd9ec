import { fc, test as property } from '@fast-check/vitest'
import { type AuthenticationCreds, BufferJSON, initAuthCreds, proto } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import type { BaileysParts } from '../../../src/auth/codec.ts'
import { keyFileName } from '../../../src/auth/file-name.ts'
import { fileAuthStore } from '../../../src/auth/file-store.ts'
import type { Processes } from '../../../src/auth/process-identity.ts'
import { link } from '../account.ts'
import { type Draw, ModelDisk } from './model-disk.ts'

const folder = '/auth'

/** One save of a gateway: some keys at once (undefined removes), or its creds. */
type Save =
  | { readonly kind: 'keys'; readonly ids: readonly number[]; readonly remove: boolean }
  | { readonly kind: 'creds' }
interface Story {
  readonly saves: readonly Save[]
  /** After how many saves each wait happens; between them saves overlap. */
  readonly waitEvery: number
  readonly cutAt: number
  /** Seed of what luck leaves. */
  readonly luck: number
}

const save: fc.Arbitrary<Save> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('keys' as const),
      ids: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
      remove: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'creds' as const }) },
)
const story: fc.Arbitrary<Story> = fc.record({
  saves: fc.array(save, { minLength: 1, maxLength: 8 }),
  waitEvery: fc.integer({ min: 1, max: 4 }),
  cutAt: fc.integer({ min: 1, max: 120 }),
  luck: fc.nat(),
})

/** A small generator of its own (a linear congruence, high bits only): the same seed leaves the same remnant. */
const drawFrom = (seed: number): Draw => {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/** What the test sees of a store: enough to save, and to read after the power came back. */
interface Subject {
  open(disk: ModelDisk): Promise<{
    creds: AuthenticationCreds
    set(ids: Readonly<Record<string, object | null>>): Promise<void>
    saveCreds(): Promise<void>
  }>
  /** The stored value, null if absent; throws if it is no whole value. */
  read(
    disk: ModelDisk,
    ids: readonly string[],
  ): Promise<{ creds: AuthenticationCreds | undefined; values: Readonly<Record<string, unknown>> }>
}

let boots = 0
/** After a power cut every process of before is gone. */
const freshBoot = (): Processes => {
  const boot = String(++boots)
  return {
    self: () => ({ pid: 1, host: 'gateway', boot }),
    stateOf: (other) => (other.boot === boot ? 'alive' : 'gone'),
  }
}
// Making key pairs costs more than a whole story, so all stories share one identity.
const minted = JSON.stringify(initAuthCreds(), BufferJSON.replacer)
const mint = (): AuthenticationCreds => JSON.parse(minted, BufferJSON.reviver)
const baileys = async (): Promise<BaileysParts> => ({ initAuthCreds: mint, BufferJSON, proto })
const timers = { setInterval: () => ({}), clearInterval: () => undefined }

const fileStore: Subject = {
  open: async (disk) => {
    const store = fileAuthStore(folder, { fileSystem: disk.fileSystem, processes: freshBoot(), timers, baileys })
    await store.acquire()
    const { state, saveCreds } = await store.open({ mint: true })
    return { creds: state.creds, saveCreds, set: async (ids) => state.keys.set({ session: ids as never }) }
  },
  read: async (disk, ids) => {
    const store = fileAuthStore(folder, { fileSystem: disk.fileSystem, processes: freshBoot(), timers, baileys })
    await store.acquire()
    const { findings, creds } = await store.inspect()
    const broken = findings.filter(({ code }) => code === 'file-unreadable' || code === 'creds-unreadable')
    if (broken.length > 0) throw new Error(`torn: ${broken.map(({ message }) => message).join(', ')}`)
    if (creds.kind === 'absent') return { creds: undefined, values: {} }
    const { state } = await store.open()
    return { creds: state.creds, values: await state.keys.get('session', [...ids]) }
  },
}

/** The way Baileys' own store writes: in place, with no fsync. */
const inPlace: Subject = {
  open: async (disk) => {
    await disk.fileSystem.mkdir(folder, 0o700)
    const creds = mint()
    const put = (name: string, value: unknown) =>
      disk.overwrite(`${folder}/${name}`, Buffer.from(JSON.stringify(value, BufferJSON.replacer)))
    return {
      creds,
      saveCreds: () => put('creds.json', creds),
      set: async (ids) => {
        const one = ([id, value]: readonly [string, unknown]) => {
          const name = keyFileName('session', id)
          return value === null ? disk.fileSystem.unlink(`${folder}/${name}`).catch(() => undefined) : put(name, value)
        }
        await Promise.all(Object.entries(ids).map(one))
      },
    }
  },
  read: async (disk, ids) => {
    const read = async (name: string): Promise<unknown> => {
      const bytes = await disk.fileSystem.readFile(`${folder}/${name}`).catch(() => undefined)
      return bytes === undefined ? null : JSON.parse(bytes.toString(), BufferJSON.reviver)
    }
    const values = await Promise.all(ids.map(async (id) => [id, await read(keyFileName('session', id))] as const))
    return {
      creds: ((await read('creds.json')) ?? undefined) as AuthenticationCreds | undefined,
      values: Object.fromEntries(values),
    }
  },
}

/** Every value a key may hold after the cut: the last acknowledged one and all later ones. */
class Expected {
  readonly #allowed = new Map<string, unknown[]>()

  of(key: string): readonly unknown[] {
    return this.#allowed.get(key) ?? [null]
  }

  issue(key: string, value: unknown): () => void {
    const values = this.#allowed.get(key) ?? [null]
    this.#allowed.set(key, values)
    values.push(value)
    return () => values.splice(0, values.lastIndexOf(value))
  }
}

/** Lives through a story on the given store; throws if what stands there afterwards breaks a promise. */
const liveThrough = async (subject: Subject, { saves, waitEvery, cutAt, luck }: Story): Promise<number> => {
  const disk = new ModelDisk()
  const expected = new Expected()
  const gateway = await subject.open(disk)
  link(gateway.creds)
  await gateway.saveCreds()
  expected.issue('creds', 0)()
  gateway.creds.accountSyncCounter = 0

  disk.cutAt(cutAt)
  const before = disk.calls
  const running: Promise<unknown>[] = []
  for (const [at, one] of saves.entries()) {
    // A number no two saves share, so that a value names its save.
    const stamp = at + 1
    if (one.kind === 'creds') {
      gateway.creds.accountSyncCounter = stamp
      if (at % 2 === 0) gateway.creds.myAppStateKeyId = `key ${stamp}`
      const acknowledge = expected.issue('creds', stamp)
      running.push(gateway.saveCreds().then(acknowledge, () => undefined))
    } else {
      const value = one.remove ? null : { stamp, pad: 'x'.repeat(100) }
      const acknowledges = one.ids.map((id) => expected.issue(String(id), value === null ? null : stamp))
      const ids = Object.fromEntries(one.ids.map((id) => [String(id), value]))
      running.push(
        gateway.set(ids).then(
          () => acknowledges.forEach((acknowledge) => void acknowledge()),
          () => undefined,
        ),
      )
    }
    if (stamp % waitEvery === 0) await Promise.all(running)
  }
  await Promise.all(running)
  const used = disk.calls - before

  const ids = Array.from({ length: 6 }, (_, id) => String(id))
  const { creds, values } = await subject.read(disk.afterCut(drawFrom(luck)), ids)
  if (!creds?.me) throw new Error('the credentials are lost')
  expect(expected.of('creds')).toContain(creds.accountSyncCounter)
  for (const id of ids) {
    const value = values[id] as { readonly stamp: number; readonly pad: string } | null
    expect(expected.of(id)).toContain(value === null ? null : value.stamp)
    if (value !== null) expect(value.pad).toHaveLength(100)
  }
  return used
}

/** Stories with a crash each; as many as the time of all tests allows, `LIFELINE_CRASHES=2000` for more. */
const crashes = Number(process.env.LIFELINE_CRASHES ?? 500)

describe('a power cut', () => {
  property.prop([story], { numRuns: crashes })(
    'at any call, with any remnant: every acknowledged save or a newer one is there, nothing is torn, the credentials load',
    async (one) => {
      await liveThrough(fileStore, one)
    },
    180_000,
  )

  test('breaks a store that writes in place, so this proof can fail', async () => {
    const run = fc.check(
      fc.asyncProperty(story, async (one) => {
        await liveThrough(inPlace, one)
      }),
      { numRuns: 200, seed: 7 },
    )
    expect((await run).failed).toBe(true)
  })
})
