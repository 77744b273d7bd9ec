import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A cable to a server on this machine: cut, every connection breaks and a new one is refused, as without the server.
 */
export class Cable {
  readonly url: string
  readonly #server: Server
  readonly #port: number
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, url: string, port: number) {
    this.#server = server
    this.url = url
    this.#port = port
  }

  static async to(url: string | URL): Promise<Cable> {
    const { protocol, hostname, port } = new URL(url)
    const server = createServer((near) => cable.#join(near, connect(Number(port), hostname)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const own = (server.address() as AddressInfo).port
    const cable = new Cable(server, `${protocol}//127.0.0.1:${own}/`, own)
    return cable
  }

  async cut(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async mend(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  #join(near: Socket, far: Socket): void {
    this.#sockets.add(near)
    near.on('close', () => this.#sockets.delete(near))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  }
}
