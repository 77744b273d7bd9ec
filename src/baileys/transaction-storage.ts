import type { BaileysSocket } from './socket.ts'
import { transactionContextOf } from './transaction-context.ts'

/**
 * Baileys 7 makes an AsyncLocalStorage for the transactions of each socket and never disables it. Up to Node 22 every
 * promise of the process is then charged for every socket there ever was: after a hundred reconnects it costs fifty
 * times as much, and none of the storages is ever collected. Here a storage is enabled only while a transaction runs in
 * it. Version 6 has none.
 */
export function restTransactionStorage(socket: BaileysSocket): void {
  const storage = transactionContextOf(socket.authState.keys)
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
