import type { BaileysSocket } from './socket.ts'
import { type TransactionContext, transactionContextOf } from './transaction-context.ts'

interface Use {
  readonly storage: TransactionContext
  running: number
}

/** The one that was used last in this process. */
let newest: Use | undefined

/**
 * Baileys 7 makes an AsyncLocalStorage for the transactions of each socket and never disables it. Up to Node 22 every
 * promise of the process is then charged for every socket there ever was: after a hundred reconnects it costs fifty
 * times as much, and none of the storages is ever collected. Here a storage is enabled only while a transaction runs in
 * it, and the one that was used last stays so: to switch it for each message costs more than it charges. Version 6 has
 * none.
 */
export function restTransactionStorage(socket: BaileysSocket): void {
  const storage = transactionContextOf(socket.authState.keys)
  if (!storage || Object.hasOwn(storage, 'run')) return
  const { run } = storage
  const use: Use = { storage, running: 0 }
  const counted = async (...args: Parameters<typeof run>): Promise<unknown> => {
    use.running += 1
    try {
      return await Reflect.apply(run, storage, args)
    } finally {
      use.running -= 1
      if (use.running === 0) rest(use)
    }
  }
  Object.defineProperty(storage, 'run', { value: counted })
  storage.disable()
}

function rest(use: Use): void {
  const before = newest
  newest = use
  if (before !== undefined && before !== use && before.running === 0) before.storage.disable()
}
