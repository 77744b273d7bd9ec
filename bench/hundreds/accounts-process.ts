// Many accounts in one process, supervised or each in the loop of Baileys' own example.
import * as v7 from '@whiskeysockets/baileys'
import { muteConsole } from '../../src/baileys/muted-console.ts'
import { createLifeline } from '../../src/index.ts'
import { trust } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { ExampleLoop } from '../../test/example-loop.ts'
import { silentLogger } from '../../test/silent-logger.ts'
import { answer } from '../child.ts'

const [arm = '', url = '', rootKey = ''] = process.argv.slice(2)
trust(v7, rootKey)
muteConsole()
const options = { waWebSocketUrl: url, fireInitQueries: false, shouldSyncHistoryMessage: () => false } as const

function client(folder: string): { start(): Promise<void> } {
  if (arm === 'bare') return new ExampleLoop(v7, folder, options, () => undefined)
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
    return { cpuMs: (user + system) / 1_000, rss, heapUsed }
  },
})
