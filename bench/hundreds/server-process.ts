// The fake server, and the wire to it, in a process of their own: none of their work is the accounts'.
import '../../test/quick-keys.ts'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { muteConsole } from '../../src/baileys/muted-console.ts'
import { startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { eachBounded } from '../../src/stores/bounded.ts'
import { linkedFolder } from '../account.ts'
import { answer } from '../child.ts'

muteConsole()
const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
const { hostname, port, protocol } = new URL(server.clientOptions.waWebSocketUrl)
const sockets = new Set<Socket>()
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

const wire = createServer((client) => {
  const far = connect(Number(port), hostname)
  sockets.add(client)
  client.on('close', () => sockets.delete(client))
  for (const [one, other] of [
    [client, far],
    [far, client],
  ] as const) {
    one.on('error', () => undefined)
    one.on('close', () => other.destroy())
    one.pipe(other)
  }
})
const listen = async (at: number) => {
  wire.listen(at, '127.0.0.1')
  await once(wire, 'listening')
  return (wire.address() as AddressInfo).port
}
const own = await listen(0)

answer({
  open: () => ({ url: `${protocol}//127.0.0.1:${own}/`, rootKey: server.rootKey }),
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
  cut: async () => {
    const closed = once(wire, 'close')
    wire.close()
    for (const socket of sockets) socket.destroy()
    await closed
  },
  mend: () => listen(own),
})
