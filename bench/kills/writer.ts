import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { SignalDataSet } from '@whiskeysockets/baileys'
import { addTransactionCapability, makeCacheableSignalKeyStore } from '@whiskeysockets/baileys/lib/Utils/auth-utils.js'
import { silentLogger } from '../silent-logger.ts'
import { type Kind, kinds, openAccount } from './accounts.ts'
import { addresses, preKeyIds, valueOfWrite } from './stored-value.ts'

// A process that writes as a gateway under load does, through Baileys' own cache and transactions, into one account of each kind, until it is killed.
// Told `{ folder, base }`, it numbers its writes from `base` and notes each one that was acknowledged in `<folder>/acknowledged` before it goes on.

interface Order {
  readonly folder: string
  readonly base: number
}

/** It counts as writing once each account acknowledged so many writes. */
const warmWrites = 8
const retries = { maxCommitRetries: 10, delayBetweenTriesMs: 50 }

async function write(kind: Kind, { folder, base }: Order, acknowledge: (line: string) => void): Promise<void> {
  const { state, saveCreds } = await openAccount(kind, join(folder, kind))
  const keys = addTransactionCapability(makeCacheableSignalKeyStore(state.keys, silentLogger), silentLogger, retries)
  let n = base
  const sessions = addresses.map(async (address) => {
    for (;;) {
      const at = n++
      await keys.transaction(async () => {
        await keys.get('session', [address])
        await keys.set(dataOf('session', [address], at))
      }, address)
      acknowledge(`${kind} session/${address} ${at}\n`)
    }
  })
  const preKeys = async () => {
    for (;;) {
      const at = n++
      await keys.set(dataOf('pre-key', preKeyIds, at))
      acknowledge(`${kind} pre-keys ${at}\n`)
    }
  }
  const creds = async () => {
    for (;;) {
      const at = n++
      state.creds.accountSyncCounter = at
      await saveCreds()
      acknowledge(`${kind} creds ${at}\n`)
    }
  }
  await Promise.all([...sessions, preKeys(), creds()])
}

/** Stores keep whatever value they are given; Baileys' types ask for its own. */
const dataOf = (type: 'session' | 'pre-key', ids: readonly string[], n: number): SignalDataSet =>
  ({ [type]: Object.fromEntries(ids.map((id) => [id, valueOfWrite(n)])) }) as unknown as SignalDataSet

process.on('message', (order) => {
  const { folder, base } = order as Order
  const notes = openSync(join(folder, 'acknowledged'), 'a')
  const outstanding = new Map<Kind, number>(kinds.map((kind) => [kind, warmWrites]))
  const acknowledge = (kind: Kind) => (line: string) => {
    writeSync(notes, line)
    const left = outstanding.get(kind)
    if (left === undefined) return
    if (left > 1) outstanding.set(kind, left - 1)
    else if (outstanding.delete(kind) && outstanding.size === 0) process.send?.('writing')
  }
  Promise.all(kinds.map((kind) => write(kind, { folder, base }, acknowledge(kind)))).catch((error: unknown) => {
    process.send?.(error instanceof Error ? error.message : String(error))
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
