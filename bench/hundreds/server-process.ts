// The fake server, and the wire to it, in a process of their own: none of their work is the accounts'.
import '../../test/quick-keys.ts'
import { muteConsole } from '../../src/baileys/muted-console.ts'
import { startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { eachBounded } from '../../src/stores/bounded.ts'
import { Cable } from '../../test/line/cable.ts'
import { linkedFolder } from '../account.ts'
import { answer } from '../processes/child.ts'

muteConsole()
const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
const cable = await Cable.to(server.clientOptions.waWebSocketUrl)
/** Connections that have been made and have not logged in: each is a handshake that the server works on. */
let underWay = 0
let peak = 0
/** Since the wire was mended. */
let back = new Set<string>()

server.onEvent((event) => {
  if (event.kind === 'connected') {
    underWay += 1
    peak = Math.max(peak, underWay)
  } else if (event.kind === 'login') underWay -= 1
  else if (event.kind === 'online' && event.account) back.add(event.account)
})

answer({
  open: () => ({ url: cable.url, rootKey: server.rootKey }),
  /** Numbers of the accounts, each of which gets a folder. */
  link: async (numbers: readonly string[]) => {
    const folders: string[] = []
    await eachBounded(numbers, 8, async (number) => {
      folders[numbers.indexOf(number)] = await linkedFolder(server, number)
    })
    return folders
  },
  forget: () => {
    back = new Set()
    underWay = 0
    peak = 0
  },
  /** How many accounts have come, and the most handshakes at one moment. */
  seen: () => ({ back: back.size, peak }),
  /** As if the server had gone: connections break, and new ones are refused. */
  cut: () => cable.cut(),
  mend: () => cable.mend(),
})
