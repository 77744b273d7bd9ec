import { expect, test } from 'vitest'
import type { SessionTurns } from '../../src/baileys/session-turns.ts'
import { lostReverses, settleAddresses } from '../../src/baileys/settle-addresses.ts'
import type { SocketKeys } from '../../src/baileys/socket.ts'

type Stored = Record<string, Record<string, unknown>>

/** Keys that are stored, with turns that put what they are told. */
function stored(all: Stored) {
  const asked: number[] = []
  const turned: string[] = []
  const put = (data: Stored) => {
    for (const [type, values] of Object.entries(data))
      for (const [id, value] of Object.entries(values)) {
        all[type] ??= {}
        if (value === null) delete all[type][id]
        else all[type][id] = value
      }
  }
  const keys = {
    get: async (type: string, ids: string[]) => {
      asked.push(ids.length)
      return Object.fromEntries(ids.map((id) => [id, all[type]?.[id] ?? null]))
    },
    set: async (data: Stored) => put(data),
  } as unknown as Pick<SocketKeys, 'get' | 'set'>
  const turns = {
    exchange: async (records: readonly string[], step: () => Promise<Stored | undefined>) => {
      turned.push(records.join())
      const data = await step()
      if (data) put(data)
      return data !== undefined
    },
  } as unknown as SessionTurns
  const names = () =>
    Object.entries(all).flatMap(([type, values]) => Object.keys(values).map((id) => `${type}-${id}.json`))
  const settle = (me?: Parameters<typeof settleAddresses>[3], of = names()) => settleAddresses(keys, turns, of, me)
  return { all, asked, turned, settle, names }
}

test('sessions of contacts whose LID is known are moved there, of each device its own, and no other', async () => {
  const one = stored({
    'lid-mapping': { 49: '900', '900_reverse': '49', 50: 'no LID', 51: '901', '901_reverse': '51' },
    session: { '49.0': 'a', '49.3': 'b', '50.0': 'c', '51.0': 'd', '901_1.0': 'there', '902.0': 'e', '900_1.9': 'f' },
  })
  expect(await one.settle()).toBe(2)
  expect(one.all.session).toEqual({
    ...{ '900_1.0': 'a', '900_1.3': 'b', '900_1.9': 'f' },
    ...{ '50.0': 'c', '51.0': 'd', '901_1.0': 'there', '902.0': 'e' },
  })
  expect(one.turned).toEqual(['session 49.0,session 900_1.0', 'session 49.3,session 900_1.3'])
  expect(await one.settle()).toBe(0)
})

test('a LID that version 6 kept without its mark is moved under it, and so is the number of the account itself', async () => {
  const one = stored({ 'lid-mapping': { '900_reverse': '49' }, session: { '900.0': 'a', '77.2': 'own', '78.0': 'x' } })
  const me = { id: '77:5@s.whatsapp.net', lid: '990:5@lid' }
  expect(await one.settle(me)).toBe(2)
  expect(one.all.session).toEqual({ '900_1.0': 'a', '990_1.2': 'own', '78.0': 'x' })
  const unknown = stored({ session: { '77.2': 'own' } })
  expect([await unknown.settle({ id: me.id }), await unknown.settle()]).toEqual([0, 0])
})

test('a session that is gone, or whose place was taken, when its turn comes is left as it is', async () => {
  const one = stored({
    'lid-mapping': { 49: '900', '900_reverse': '49' },
    session: { '900_1.0': 'there', '49.1': 'a' },
  })
  const before = structuredClone(one.all)
  const names = ['lid-mapping-49.json', 'lid-mapping-900_reverse.json', 'session-49.0.json']
  expect(await one.settle(undefined, names)).toBe(0)
  one.all.session = {}
  expect(await one.settle(undefined, names)).toBe(0)
  one.all.session = { '49.0': 'late', '900_1.0': 'there' }
  expect(await one.settle(undefined, names)).toBe(0)
  expect(one.all).toEqual({ ...before, session: { '49.0': 'late', '900_1.0': 'there' } })
})

test('a reverse mapping that is lost is written again; where none is, only those of contacts with sessions are read', async () => {
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`${1_000 + at}`, `${9_000 + at}`]))
  const reverse = Object.fromEntries(Object.entries(many).map(([number, lid]) => [`${lid}_reverse`, number]))
  const one = stored({ 'lid-mapping': { ...many, ...reverse }, session: { '1001.0': 'a' } })
  expect(await one.settle()).toBe(1)
  expect(one.asked.splice(0)).toEqual([1, 2])
  delete one.all['lid-mapping']?.['9007_reverse']
  expect(await one.settle()).toBe(0)
  expect(one.asked).toEqual([256, 256, 88])
  expect(one.all['lid-mapping']).toEqual({ ...many, ...reverse })
})

test('a mapping that cannot be written is no settled one', async () => {
  const get = async () => ({ 49: '900' })
  const set = () => Promise.reject(new Error('no space left'))
  const settling = settleAddresses({ get, set }, {} as SessionTurns, ['lid-mapping-49.json'], undefined)
  await expect(settling).rejects.toThrow('no space left')
})

test('of a LID that two numbers lead to nobody knows whose it is', () => {
  const lids = new Map(Object.entries({ 49: '900', 50: '901', 51: '901', 52: '902' }))
  expect(lostReverses(lids, new Set(['902']))).toEqual({ '900_reverse': '49' })
  expect(lostReverses(lids, new Set(['900']))).toEqual({ '902_reverse': '52' })
  expect(lostReverses(new Map(), new Set())).toEqual({})
})
