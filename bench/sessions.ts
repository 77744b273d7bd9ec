import { rm } from 'node:fs/promises'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { defaultPolicy } from '../machines/index.ts'
import { newFolder } from './account.ts'
import { ms, ratioOf, rounds, timed } from './rounds.ts'
import { addressOf, folderOf, openAccount, putSessions, sessionOf, storeOf } from './stores/arms.ts'
import type { Row } from './table.ts'

const counts = [10, 100, 1_000, 10_000]
const arms = ['baileys', 'file'] as const
type Arm = (typeof arms)[number]
/** Sessions of contacts that write in one round. */
const active = 10

/** What an account costs by the number of its sessions, beside Baileys' own store with as many. */
export async function sessions(): Promise<Row[]> {
  const rows: Row[] = []
  for (const count of counts) {
    const root = await newFolder()
    try {
      rows.push(...(await rowsOf(root, count)))
    } finally {
      await rm(root, { recursive: true })
    }
  }
  return rows
}

async function rowsOf(root: string, count: number): Promise<Row[]> {
  for (const arm of arms) {
    const account = await openAccount(root, arm)
    await putSessions(account.keys, count)
    await account.close()
  }
  const opens = await rounds(9, arms, (arm) => timed(() => openedOnce(root, arm)))
  const store = storeOf(root, 'file')
  const looks = await rounds(5, ['newest', 'all'] as const, (which) =>
    timed(async () => {
      const look = { withinMs: defaultPolicy.prune.lookMs, now: () => performance.now() }
      await (which === 'newest' ? store.lookAtSessions?.(look) : store.inspect())
    }),
  )
  const accounts = { baileys: await openAccount(root, 'baileys'), file: await openAccount(root, 'file') }
  const spread = (at: number): string => addressOf(Math.floor((at * count) / active))
  const turns = await rounds(9, arms, (arm, round) =>
    timed(async () => {
      for (let at = 0; at < active; at += 1) {
        await accounts[arm].keys.get('session', [spread(at)])
        await accounts[arm].keys.set({ session: { [spread(at)]: sessionOf(round) } })
      }
    }),
  )
  for (const account of Object.values(accounts)) await account.close()
  const beside = (what: readonly number[]) => `Baileys' own store: ${ms(what)}`
  return [
    {
      what: `${count} sessions: opening, lock taken and given back`,
      ours: ms(opens.file),
      beside: beside(opens.baileys),
      target: '',
    },
    {
      what: `${count} sessions: ${active} of them read and written, one after the other, durable`,
      ours: ms(turns.file),
      beside: beside(turns.baileys),
      ratio: ratioOf(turns.file, turns.baileys),
      target: '≤ 1.3',
    },
    {
      what: `${count} sessions: the look before the first dial after an unclean end`,
      ours: ms(looks.newest),
      beside: `a look at every file: ${ms(looks.all)}`,
      target: `${defaultPolicy.prune.lookMs} ms`,
    },
  ]
}

async function openedOnce(root: string, arm: Arm): Promise<void> {
  if (arm === 'baileys') {
    await useMultiFileAuthState(folderOf(root, arm))
    return
  }
  const store = storeOf(root, arm)
  await store.acquire()
  await store.open()
  await store.release()
}
