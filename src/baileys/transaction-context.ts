import { AsyncLocalStorage } from 'node:async_hooks'
import type { SocketKeys } from './socket.ts'

/** Where Baileys 7 keeps the transaction that the present code runs in. */
export type TransactionContext = AsyncLocalStorage<unknown>

/**
 * The storage in which a key store looks for a running transaction; nothing else leads to it. Undefined for version 6,
 * which has none.
 */
export function transactionContextOf(keys: SocketKeys): TransactionContext | undefined {
  if (typeof keys.isInTransaction !== 'function') return undefined
  const asked: TransactionContext[] = []
  const { prototype } = AsyncLocalStorage
  const { getStore } = prototype
  // All within one turn: nobody else sees the other method.
  prototype.getStore = function (this: TransactionContext) {
    asked.push(this)
    return Reflect.apply(getStore, this, [])
  }
  try {
    keys.isInTransaction()
  } catch {
    return undefined
  } finally {
    prototype.getStore = getStore
  }
  return asked.length === 1 ? asked[0] : undefined
}

/** Runs the work outside of the transaction that the present code may be in. */
export function outside<T>(context: TransactionContext, work: () => T): T {
  if (context.getStore() === undefined) return work()
  return Reflect.apply(AsyncLocalStorage.prototype.run, context, [undefined, work]) as T
}
