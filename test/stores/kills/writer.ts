import { openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { SignalDataSet } from '@whiskeysockets/baileys'
import { addTransactionCapability, makeCacheableSignalKeyStore } from '@whiskeysockets/baileys/lib/Utils/auth-utils.js'
import { silentLogger } from '../../silent-logger.ts'
import { type Kind, kinds, openAccount } from './accounts.ts'
import { addresses, type Material, preKeyIds, valueOfWrite } from './stored-value.ts'

// A process that writes as a gateway under load does, through Baileys' own cache and transactions, into one account of
// each kind, until it is killed. It says `ready`, waits for one line `{ folder, base }`, numbers its writes from `base`
// and notes each one that was acknowledged in `<folder>/acknowledged` before it goes on. It says `writing` once every
// account acknowledged its first round.

interface Order {
  readonly folder: string
  readonly base: number
}

const retries = { maxCommitRetries: 10, delayBetweenTriesMs: 50 }
const [input, output] = [0, 1]
/** How many rounds each store has time for while the file store, which syncs every file, has one. */
const roundsInStep: Readonly<Record<Kind, number>> = { file: 1, lmdb: 1, baileys: 2 }

/** One round of writes of a gateway under load: all at once, and each once. */
type Round = () => Promise<unknown>

async function roundsOf(kind: Kind, { folder, base }: Order, session: Material, notes: number): Promise<Round> {
  const { state, saveCreds } = await openAccount(kind, join(folder, kind))
  const keys = addTransactionCapability(makeCacheableSignalKeyStore(state.keys, silentLogger), silentLogger, retries)
  let n = base
  const acknowledged = (key: string, at: number) => writeSync(notes, `${kind} ${key} ${at}\n`)
  const putSession = async (address: string) => {
    const at = n++
    await keys.transaction(async () => {
      await keys.get('session', [address])
      await keys.set(dataOf('session', [address], valueOfWrite(at, session)))
    }, address)
    acknowledged(`session/${address}`, at)
  }
  const putPreKeys = async () => {
    const at = n++
    await keys.set(dataOf('pre-key', preKeyIds, valueOfWrite(at, {})))
    acknowledged('pre-keys', at)
  }
  const putCreds = async () => {
    const at = n++
    state.creds.accountSyncCounter = at
    await saveCreds()
    acknowledged('creds', at)
  }
  return () => Promise.all([...addresses.map(putSession), putPreKeys(), putCreds()])
}

/** Stores keep whatever value they are given; Baileys' types ask for its own. */
const dataOf = (type: 'session' | 'pre-key', ids: readonly string[], value: unknown): SignalDataSet =>
  ({ [type]: Object.fromEntries(ids.map((id) => [id, value])) }) as unknown as SignalDataSet

/** Waits without a turn of the event loop; undefined if no order will come. */
function readOrder(): Order | undefined {
  const line = Buffer.alloc(4096)
  const length = readSync(input, line)
  return length === 0 ? undefined : (JSON.parse(line.toString('utf8', 0, length)) as Order)
}

async function obey(order: Order): Promise<void> {
  const session = JSON.parse(readFileSync(join(order.folder, 'session.json'), 'utf8')) as Material
  const notes = openSync(join(order.folder, 'acknowledged'), 'a')
  const openings = await Promise.all(kinds.map((kind) => roundsOf(kind, order, session, notes)))
  // In step, so that no store takes the processor and Node's few threads from the others, yet each is writing nearly
  // all the time.
  for (let first = true; ; first = false) {
    await Promise.all(openings.map((round, at) => times(roundsInStep[kinds[at] ?? 'file'], round)))
    if (first) writeSync(output, 'writing\n')
  }
}

async function times(count: number, round: Round): Promise<void> {
  for (let at = 0; at < count; at += 1) await round()
}

writeSync(output, 'ready\n')
const order = readOrder()
if (order)
  obey(order).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
