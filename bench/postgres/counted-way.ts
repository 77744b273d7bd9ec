import { createServer, connect as dial } from 'node:net'

/** The way to a database that counts what passes, both ways. */
export interface CountedWay {
  readonly url: string
  readonly bytes: () => number
  readonly close: () => void
}

export async function countedWay(target: string): Promise<CountedWay> {
  const url = new URL(target)
  const { hostname, port } = url
  let bytes = 0
  const server = createServer((client) => {
    const database = dial(Number(port), hostname)
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      from.setNoDelay(true)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.on('data', (data) => {
        bytes += data.length
        to.write(data)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return { url: url.href, bytes: () => bytes, close: () => server.close() }
}
