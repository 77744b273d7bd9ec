// One account that answers whatever it reads, in a process of its own, so that its processor time is the client's
// alone.
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { muteConsole } from '../../src/baileys/muted-console.ts'
import { supervise } from '../../src/drop-in/index.ts'
import { fileAuthStore } from '../../src/index.ts'
import { AccountSide } from '../../src/rehearsal/conversation/account-side.ts'
import { BareLoop } from '../../src/rehearsal/conversation/bare-loop.ts'
import type { ConversationClient } from '../../src/rehearsal/conversation/client.ts'
import { Script } from '../../src/rehearsal/conversation/script.ts'
import { Supervised } from '../../src/rehearsal/conversation/supervised.ts'
import { trust } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { silentLogger } from '../../test/silent-logger.ts'
import { answer, tell } from '../processes/child.ts'
import { ArrivalTimes } from './arrival-times.ts'

const [line = '7', arm = '', folder = '', url = '', rootKey = ''] = process.argv.slice(2)
const baileys = line === '6' ? (v6 as unknown as typeof v7) : v7
trust(baileys, rootKey)
muteConsole()

/** As a loop would use our store without our supervision: opened anew for each connection. */
function durably(): () => ReturnType<typeof baileys.useMultiFileAuthState> {
  const store = fileAuthStore(folder)
  const owned = store.acquire()
  let close: () => Promise<void> = async () => undefined
  return async () => {
    await owned
    await close()
    const opened = await store.open({ mint: true })
    close = opened.close
    return opened
  }
}

const arrivals = new ArrivalTimes()
const server = {
  clientOptions: { waWebSocketUrl: url, fireInitQueries: false, shouldSyncHistoryMessage: () => false } as const,
}
const shared = { baileys, server, onSocket: (socket: v7.WASocket) => arrivals.follow(socket) }
const ownStore = () => baileys.useMultiFileAuthState(folder)
/** The same loop, whose Baileys is supervised without its knowing. */
function dropIn(): BareLoop {
  const supervised = supervise(baileys, { logger: silentLogger })
  return new BareLoop({ ...shared, baileys: supervised, open: () => supervised.useMultiFileAuthState(folder) })
}
const supervised = () => new Supervised({ ...shared, store: fileAuthStore(folder), logger: silentLogger })
const clients: Readonly<Record<string, () => ConversationClient>> = {
  supervised,
  'supervised-again': supervised,
  'drop-in': dropIn,
  alone: () => new BareLoop({ ...shared, open: ownStore }),
  'alone-durable': () => new BareLoop({ ...shared, open: durably() }),
}
const client = clients[arm]?.() ?? supervised()
client.onHeard(({ id }) => arrivals.told(id))
const account = new AccountSide({ client, script: new Script(1), answerMs: [0, 0] })

answer({
  start: () => client.start({ scan: async (code) => tell({ code }) }),
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  /** From the bytes of a message to its event, ms, of all since it was last asked. */
  latencies: () => arrivals.take(),
  seen: () => ({ heard: account.heard, said: account.said }),
  stop: () => client.stop(),
})
