import { addTransactionCapability, makeCacheableSignalKeyStore } from '@whiskeysockets/baileys'
import { silentLogger } from '../../test/silent-logger.ts'
import { type Arm, addressOf, openAccount } from './arms.ts'

// A process of its own that opens an account and reads each of its keys once, as a gateway does that has heard from
// everybody; tells its resident memory. Arguments: the arm, or `none` for Baileys alone; the root folder; the number of
// sessions.

const [arm = '', root = '', count = '0'] = process.argv.slice(2)
if (arm !== 'none') {
  const { keys } = await openAccount(root, arm as Arm)
  const cached = addTransactionCapability(makeCacheableSignalKeyStore(keys, silentLogger), silentLogger, {
    maxCommitRetries: 1,
    delayBetweenTriesMs: 1,
  })
  for (let at = 0; at < Number(count); at += 1) await cached.get('session', [addressOf(at)])
}
globalThis.gc?.()
process.send?.(process.memoryUsage().rss)
process.disconnect()
process.exit(0)
