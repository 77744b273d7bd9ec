import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { newFolder } from './account.ts'
import { ms, ratioOf, rounds, type Times, timed } from './rounds.ts'
import { addressOf, arms, folderOf, openAccount, preKeys, putSessions, sessionOf, storeOf } from './stores/arms.ts'
import { median, type Row } from './table.ts'

const uploaded = 812
const written = 500
const writers = 50
const read = 5_000
const many = 10_000

/** What the stores cost beside Baileys' own, which syncs nothing. */
export async function stores(): Promise<Row[]> {
  const root = await newFolder()
  try {
    return [...(await keyRows(root)), ...(await folderRows(root)), await memoryRow(root)]
  } finally {
    await rm(root, { recursive: true })
  }
}

/** Both of ours against Baileys' own. */
function pair(what: string, times: Times<(typeof arms)[number]>, targets: { file: string; lmdb: string }): Row[] {
  const beside = `Baileys' own store: ${ms(times.baileys)}`
  return [
    {
      what: `${what}: LMDB`,
      ours: ms(times.lmdb),
      beside,
      ratio: ratioOf(times.lmdb, times.baileys),
      target: targets.lmdb,
    },
    {
      what: `${what}: files`,
      ours: ms(times.file),
      beside,
      ratio: ratioOf(times.file, times.baileys),
      target: targets.file,
    },
  ]
}

async function keyRows(root: string): Promise<Row[]> {
  const accounts = new Map<string, Awaited<ReturnType<typeof openAccount>>>()
  for (const arm of arms) accounts.set(arm, await openAccount(root, arm))
  const accountOf = (arm: string) => {
    const account = accounts.get(arm)
    if (!account) throw new Error(`no account for ${arm}`)
    return account
  }
  const ofEach = (): Record<(typeof arms)[number], number[]> => ({ baileys: [], file: [], lmdb: [] })
  const keysOf = (arm: string) => accountOf(arm).keys
  const [withNext, untilSettled, writesSettled] = [ofEach(), ofEach(), ofEach()]
  const set = await rounds(9, arms, async (arm, round) => {
    const data = preKeys(uploaded, 1 + round * uploaded)
    const own = await timed(async () => keysOf(arm).set(data))
    const next = await timed(async () => keysOf(arm).set({ session: { [addressOf(round)]: sessionOf(round) } }))
    withNext[arm].push(own + next)
    untilSettled[arm].push(own + next + (await timed(accountOf(arm).settle)))
    return own
  })
  const write = async (arm: string, at: number) => {
    await keysOf(arm).set({ session: { [addressOf(at)]: sessionOf(at) } })
  }
  const writes = await rounds(5, arms, async (arm) => {
    const own = await timed(async () => {
      for (let at = 0; at < written; at += 1) await write(arm, at)
    })
    writesSettled[arm].push(own + (await timed(accountOf(arm).settle)))
    return own
  })
  const together = await rounds(5, arms, async (arm) => {
    const writer = async (first: number) => {
      for (let at = first; at < written; at += writers) await write(arm, at)
    }
    const own = await timed(async () => {
      await Promise.all(Array.from({ length: writers }, (_, first) => writer(first)))
    })
    await accountOf(arm).settle()
    return own
  })
  const reads = await rounds(7, arms, (arm) =>
    timed(async () => {
      for (let at = 0; at < read; at += 1) await keysOf(arm).get('session', [addressOf(at % written)])
    }),
  )
  const preKeyReads = await rounds(7, arms, (arm) =>
    timed(async () => {
      for (let at = 0; at < read; at += 1) await keysOf(arm).get('pre-key', [String(1 + (at % uploaded))])
    }),
  )
  for (const { close } of accounts.values()) await close()
  return [
    ...pair(`${uploaded} pre-keys in one set, durable`, set, { lmdb: '≤ 0.2', file: '≤ 1.5' }),
    ...pair('the same, and one more key', withNext, { lmdb: '', file: '≤ 1.2' }),
    ...pair('the same, until every file stands synced in its place', untilSettled, { lmdb: '', file: '' }),
    ...pair(`${written} session writes, one after the other, durable`, writes, { lmdb: '', file: '≤ 1.3' }),
    ...pair('the same, until every file stands synced in its place', writesSettled, { lmdb: '', file: '' }),
    ...pair(`${written} session writes by ${writers} writers at once, durable`, together, { lmdb: '', file: '≤ 0.6' }),
    ...pair(`${read} session reads, one after the other`, reads, { lmdb: '≤ 0.05', file: '' }),
    ...pair(`${read} pre-key reads, one after the other`, preKeyReads, { lmdb: '≤ 0.05', file: '' }),
  ]
}

async function folderRows(root: string): Promise<Row[]> {
  for (const arm of arms) {
    const account = await openAccount(root, arm)
    await putSessions(account.keys, many)
    await account.close()
  }
  const opens = await rounds(7, arms, (arm) =>
    timed(async () => {
      if (arm === 'baileys') await useMultiFileAuthState(folderOf(root, arm))
      else {
        const store = storeOf(root, arm)
        await store.acquire()
        await store.open()
        await store.release()
      }
    }),
  )
  const ours = ['file', 'lmdb'] as const
  const inspections = await rounds(5, ours, (arm) => timed(() => storeOf(root, arm).inspect()))
  const moves = await quarantines(root)
  return [
    ...pair(`opening an account of ${many} sessions, lock taken and given back`, opens, { lmdb: '', file: '' }),
    {
      what: `inspecting an account of ${many} sessions`,
      ours: `files: ${ms(inspections.file)}`,
      beside: `LMDB: ${ms(inspections.lmdb)}`,
      target: '',
    },
    ...(['file', 'lmdb'] as const).map((arm) => ({
      what: `quarantining ${many} sessions: ${arm === 'file' ? 'files' : 'LMDB'}`,
      ours: ms(moves[arm]),
      beside: `a bare loop of renames: ${ms(moves.renames)}`,
      ratio: ratioOf(moves[arm], moves.renames),
      target: '≤ 1.5',
    })),
  ]
}

/**
 * Sets every session aside and brings it back, again and again; beside it the same number of bare renames there and
 * back.
 */
async function quarantines(root: string) {
  const aside = join(root, 'aside')
  await mkdir(aside)
  return rounds(5, ['renames', 'file', 'lmdb'] as const, async (arm) => {
    if (arm === 'renames') {
      const from = folderOf(root, 'baileys')
      const names = (await readdir(from)).filter((name) => name.startsWith('session-'))
      const time = await timed(async () => {
        for (const name of names) await rename(join(from, name), join(aside, name))
      })
      for (const name of names) await rename(join(aside, name), join(from, name))
      return time
    }
    const store = storeOf(root, arm)
    await store.acquire()
    let id = ''
    const time = await timed(async () => {
      id = (await store.quarantine({ kind: 'all-sessions' }, 'bench'))?.id ?? ''
    })
    await store.restore(id)
    await store.release()
    return time
  })
}

async function memoryRow(root: string): Promise<Row> {
  const script = fileURLToPath(new URL('./stores/resident.js', import.meta.url))
  const resident = await rounds(3, ['none', ...arms] as const, async (arm) => {
    const child = fork(script, [arm, root, String(many)], { execArgv: ['--expose-gc'] })
    const [bytes] = (await once(child, 'message')) as [number]
    await once(child, 'exit')
    return bytes
  })
  const more = (arm: (typeof arms)[number]) =>
    `${((median(resident[arm]) - median(resident.none)) / 1024 / 1024).toFixed(0)} MiB`
  return {
    what: `resident memory of an account with ${many} sessions, each read once through Baileys' cache, above a process with Baileys alone`,
    ours: `files: ${more('file')} · LMDB: ${more('lmdb')}, its mapped file included`,
    beside: `Baileys' own store: ${more('baileys')}`,
    target: '',
  }
}
