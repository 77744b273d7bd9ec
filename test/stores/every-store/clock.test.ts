import { expect, test } from 'vitest'
import { session } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

test.each(everyKind())('what the $kind store keeps bears the time of the clock that it was given', async (kind) => {
  const { linked, pairStaged, behind } = accountsIn(kind)
  let time = Date.UTC(2031, 0, 1)
  const now = () => time
  const { folder, store } = await linked({ now })
  const first = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'aside')
  expect(first?.at).toBe(time)
  time += 1_000
  await store.copyAside({ kind: 'sessions', addresses: ['492.0'] }, 'copied')
  const opening = await store.open()
  await opening.state.keys.set({ session: { '491.0': session('z') } })
  await opening.fence()
  time += 1_000
  await store.restore(first?.id ?? '', { force: true })
  time += 1_000
  await behind(store, () => kind.plant(folder, 'creds.json', '{"half'))
  const restored = await store.restoreCreds('torn')
  // The good copy was made when the account was linked, or when it was opened.
  expect(restored?.savedAt).toBe(Date.UTC(2031, 0, 1))
  time += 1_000
  await pairStaged(store, '49222')
  await store.discardStaging?.('a stranger')
  time += 1_000
  await pairStaged(store, '49333')
  await store.promoteStaging('scanned anew')
  time += 1_000
  const young = await store.open()
  // Counters alone make no copy at once; the repair keeps what it replaces.
  young.state.creds.accountSyncCounter = 5
  await young.saveCreds()
  await young.fence()
  time += 1_000
  await store.repairPreKeys({ force: true })
  const entries = await store.quarantined()
  expect(entries.map(({ reason, at }) => [reason, at - Date.UTC(2031, 0, 1)])).toEqual([
    ['copied', 1_000],
    [`replaced by the restore of ${first?.id}`, 2_000],
    ['torn', 3_000],
    ['a stranger', 4_000],
    ['scanned anew', 5_000],
  ])
  const copies = [...(await kind.everything(folder)).keys()].filter((place) => place.startsWith('generation/'))
  expect(copies.map((place) => Number(/\d+/.exec(place)) - Date.UTC(2031, 0, 1))).toEqual([7_000])
  expect(await store.trimQuarantine({ keepDays: 30, maxBytes: 1_000_000 })).toEqual([])
  time += 31 * 86_400_000
  // Without those that hold credentials.
  expect(await store.trimQuarantine({ keepDays: 30, maxBytes: 1_000_000 })).toEqual(
    entries.slice(0, 2).map(({ id }) => id),
  )
})
