import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between clients and a server on this machine: whatever either says arrives half a round trip later. */
export class SlowWire {
  readonly url: string
  readonly #server: Server

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  /** `roundTripMs`: 100 is what a server on another continent takes. */
  static async to(url: URL | string, roundTripMs: number): Promise<SlowWire> {
    const { port, hostname, protocol, pathname } = new URL(url)
    const server = createServer((client) => {
      const far = connect(Number(port), hostname)
      later(client, far, roundTripMs / 2)
      later(far, client, roundTripMs / 2)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const own = (server.address() as AddressInfo).port
    return new SlowWire(server, `${protocol}//127.0.0.1:${own}${pathname}`)
  }

  close(): void {
    this.#server.close()
  }
}

function later(from: Socket, to: Socket, ms: number): void {
  from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), ms))
  from.on('close', () => setTimeout(() => to.destroy(), ms))
  from.on('error', () => undefined)
}
