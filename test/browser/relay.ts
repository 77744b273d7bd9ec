import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A cable between a browser and a server on this machine, which can be pulled; and everything that the server has said
 * through it.
 */
export class Relay {
  readonly url: string
  readonly #server: Server
  readonly #heard: Buffer[] = []
  readonly #sockets = new Set<Socket>()
  #cut = false

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  static async to(url: string): Promise<Relay> {
    const server = createServer((browser) => relay.#join(browser, Number(new URL(url).port)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const relay = new Relay(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return relay
  }

  /** What the server has said, from an offset of bytes on; what it packed is not unpacked. */
  heard(from = 0): string {
    return Buffer.concat(this.#heard).subarray(from).toString('latin1')
  }

  get bytes(): number {
    return this.#heard.reduce((sum, { length }) => sum + length, 0)
  }

  /** Every connection breaks, and none can be made. */
  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#cut = false
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #join(browser: Socket, port: number): void {
    if (this.#cut) {
      browser.destroy()
      return
    }
    const gateway = connect(port, '127.0.0.1')
    gateway.on('data', (bytes: Buffer) => this.#heard.push(bytes))
    for (const [one, other] of [
      [browser, gateway],
      [gateway, browser],
    ] as const) {
      this.#sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
  }
}
