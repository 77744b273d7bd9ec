import { expect, test } from 'vitest'
import { restoreInto } from '../../src/line/restore.ts'
import type { AuthStore } from '../../src/stores/store.ts'
import { linkedAccount } from '../stores/account.ts'
import { ScriptedAccount } from './scripted-account.ts'

/** A line over that store that says how it is stopped and started. */
function lineOn(store: AuthStore) {
  const calls: string[] = []
  let stops = 0
  let held: Promise<unknown> | undefined
  const { status } = new ScriptedAccount()
  const line = {
    ...{ mode: 'heal' as const, status },
    start: async () => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
      calls.push('start')
    },
    stop: async () => {
      stops += 1
      calls.push('stop')
      await held
      await store.release()
    },
  }
  const waitFor = (work: Promise<unknown>) => {
    held = work
  }
  return {
    calls,
    line,
    restore: (id: string) => restoreInto({ line, store, stops: () => stops, waitFor }, id, {}),
    held: () => held,
  }
}

test('credentials that come back are counted past the pre-keys made since, while supervision pauses', async () => {
  const { store } = await linkedAccount()
  const entry = await store.quarantine({ kind: 'everything' }, 'test')
  const { calls, restore } = lineOn(store)
  expect(await restore(entry?.id ?? '')).toContain('creds.json')
  expect(calls).toEqual(['stop', 'start'])
  const { creds } = await store.inspect({ depth: 'creds' })
  expect(creds).toMatchObject({
    kind: 'present',
    value: { nextPreKeyId: expect.toSatisfy((id: number) => id > 1_000) },
  })
})

test('the store is let go of only once the pre-keys are repaired', async () => {
  const { store } = await linkedAccount()
  const entry = await store.quarantine({ kind: 'everything' }, 'test')
  const did: string[] = []
  const repair = store.repairPreKeys.bind(store)
  const release = store.release.bind(store)
  const { restore } = lineOn(store)
  store.repairPreKeys = async (options) => {
    const repaired = await repair(options)
    did.push('repaired')
    return repaired
  }
  store.release = async () => {
    did.push('let go')
    await release()
  }
  await restore(entry?.id ?? '')
  // The first time by the stop.
  expect(did).toEqual(['let go', 'repaired', 'let go'])
})

test('a stop that comes while files are put back is the last word, and waits for them', async () => {
  const { store } = await linkedAccount()
  const entry = await store.quarantine({ kind: 'all-sessions' }, 'test')
  const { calls, line, restore, held } = lineOn(store)
  const restoring = restore(entry?.id ?? '')
  const put = store.restore.bind(store)
  store.restore = async (...args) => {
    void line.stop()
    return put(...args)
  }
  expect(await restoring).toHaveLength(3)
  await held()
  expect(calls).toEqual(['stop', 'stop'])
})

test('a wrong id does not cost the connection', async () => {
  const { store } = await linkedAccount()
  const { calls, restore } = lineOn(store)
  await expect(restore('unknown')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
  expect(calls).toEqual([])
})
