import { AsyncLocalStorage } from 'node:async_hooks'
import type { BaileysSocket } from './socket.ts'

/**
 * Baileys 7 makes an AsyncLocalStorage for the transactions of each socket and never disables it. Up to Node 22 every promise of the process is then charged for every
 * socket there ever was: after a hundred reconnects it costs fifty times as much, and none of the storages is ever collected. Here a storage is enabled only
 * while a transaction runs in it. Version 6 has none.
 */
export function restTransactionStorage(socket: BaileysSocket): void {
  const storage = storageOf(socket)
  if (!storage || Object.hasOwn(storage, 'run')) return
  const { run } = storage
  let running = 0
  const counted = async (...args: Parameters<typeof run>): Promise<unknown> => {
    running += 1
    try {
      return await Reflect.apply(run, storage, args)
    } finally {
      running -= 1
      if (running === 0) storage.disable()
    }
  }
  Object.defineProperty(storage, 'run', { value: counted })
  storage.disable()
}

/** The storage in which a socket looks for a running transaction; nothing else leads to it. */
function storageOf({ authState: { keys } }: BaileysSocket): AsyncLocalStorage<unknown> | undefined {
  if (typeof keys.isInTransaction !== 'function') return undefined
  const asked: AsyncLocalStorage<unknown>[] = []
  const { prototype } = AsyncLocalStorage
  const { getStore } = prototype
  // All within one turn: nobody else sees the other method.
  prototype.getStore = function (this: AsyncLocalStorage<unknown>) {
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
