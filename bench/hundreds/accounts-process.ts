// Many accounts in one process, supervised or each in the loop of Baileys' own example.
import { getHeapSpaceStatistics } from 'node:v8'
import * as v7 from '@whiskeysockets/baileys'
import { muteConsole } from '../../src/baileys/muted-console.ts'
import { createLifeline } from '../../src/index.ts'
import { trust } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { ExampleLoop } from '../../test/example-loop.ts'
import { silentLogger } from '../../test/silent-logger.ts'
import { answer } from '../processes/child.ts'

const [arm = '', url = '', rootKey = ''] = process.argv.slice(2)
trust(v7, rootKey)
muteConsole()
const options = { waWebSocketUrl: url, fireInitQueries: false, shouldSyncHistoryMessage: () => false } as const

/** As the example in Baileys' own repository does, which keeps the keys that it has read. */
const withCachedKeys: typeof v7 = {
  ...v7,
  useMultiFileAuthState: async (folder) => {
    const { state, saveCreds } = await v7.useMultiFileAuthState(folder)
    const keys = v7.makeCacheableSignalKeyStore(state.keys, silentLogger)
    return { state: { creds: state.creds, keys }, saveCreds }
  },
}

function client(folder: string): { start(): Promise<void> } {
  if (arm === 'bare') return new ExampleLoop(withCachedKeys, folder, options, () => undefined)
  return createLifeline({
    account: folder,
    auth: folder,
    logger: silentLogger,
    connect: ({ auth, logger, caches }) => v7.makeWASocket({ ...options, auth, logger, ...caches }),
  })
}

answer({
  start: async (folders: readonly string[]) => {
    for (const folder of folders) await client(folder).start()
  },
  used: () => {
    globalThis.gc?.()
    globalThis.gc?.()
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    // V8 takes 1 to 32 MB of room for what is new, by how much was allocated lately: no account's.
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
    return { cpuMs: (user + system) / 1_000, rss: rss - (young?.physical_space_size ?? 0), heapUsed }
  },
})
