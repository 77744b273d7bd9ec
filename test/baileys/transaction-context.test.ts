import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { expect, test } from 'vitest'
import type { SocketKeys } from '../../src/baileys/socket.ts'
import { outside, transactionContextOf } from '../../src/baileys/transaction-context.ts'

const keysThatLookInto = (...storages: AsyncLocalStorage<unknown>[]) =>
  ({ isInTransaction: () => storages.map((one) => one.getStore()).some(Boolean) }) as unknown as SocketKeys

test('the storage of transactions is the one that a key store looks into, and it is looked into as before afterwards', () => {
  const { getStore } = AsyncLocalStorage.prototype
  const [one, other] = [new AsyncLocalStorage<unknown>(), new AsyncLocalStorage<unknown>()]
  expect(transactionContextOf(keysThatLookInto(one))).toBe(one)
  expect(transactionContextOf(keysThatLookInto())).toBeUndefined()
  expect(transactionContextOf(keysThatLookInto(one, other))).toBeUndefined()
  expect(transactionContextOf({} as SocketKeys)).toBeUndefined()
  const failing = () => {
    throw new Error('no')
  }
  expect(transactionContextOf({ isInTransaction: failing } as unknown as SocketKeys)).toBeUndefined()
  expect(AsyncLocalStorage.prototype.getStore).toBe(getStore)
})

test('outside of any transaction a storage stays at rest, for which nobody is charged', () => {
  const charged = () =>
    Object.getOwnPropertySymbols(new AsyncResource('looked at')).filter(
      ({ description }) => description === 'kResourceStore',
    ).length
  const [before, resting] = [charged(), new AsyncLocalStorage<unknown>()]
  expect([outside(resting, () => 7), charged()]).toEqual([7, before])
})

test('work runs outside of a transaction, also where another method of its storage is in place', () => {
  const context = new AsyncLocalStorage<unknown>()
  const run = context.run.bind(context)
  Object.assign(context, { run: () => expect.unreachable() })
  run('a transaction', () => {
    expect(outside(context, () => [context.getStore()])).toEqual([undefined])
    expect(context.getStore()).toBe('a transaction')
  })
  expect(outside(context, () => [context.getStore()])).toEqual([undefined])
})
