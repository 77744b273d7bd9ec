import { createServer, connect as dial, type Socket } from 'node:net'

/** The way to a database, which can be cut, and can swallow or hold up a write. */
export class Way {
  /** The database's address over this way. */
  url = ''
  #cut = false
  /** A write whose answer gets lost, or that is held up itself. */
  #next: 'answer-lost' | 'held' | undefined
  #deliver: () => Promise<void> = async () => undefined
  #met: () => void = () => undefined
  readonly #links = new Set<readonly [Socket, Socket]>()
  readonly #target: URL
  readonly #server = createServer((client) => this.#link(client))

  constructor(url: string) {
    this.#target = new URL(url)
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    const url = new URL(this.#target)
    url.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    this.url = url.href
    return this
  }

  /** Breaks every connection; resolves when the next attempt was turned away. */
  cut(): Promise<void> {
    this.#cut = true
    for (const link of this.#links) for (const end of link) end.destroy()
    return this.#meeting()
  }

  mend(): void {
    this.#cut = false
  }

  /** The next write reaches the database, and its answer gets lost with the connection. Resolves when that happened. */
  loseAnswer(): Promise<void> {
    this.#next = 'answer-lost'
    return this.#meeting()
  }

  /** The next write is held up on its way, as in a network that stalls. Resolves when that happened. */
  hold(): Promise<void> {
    this.#next = 'held'
    return this.#meeting()
  }

  /** What was held up arrives after all; resolves when the database has answered it. */
  deliver(): Promise<void> {
    return this.#deliver()
  }

  close(): void {
    for (const link of this.#links) for (const end of link) end.destroy()
    this.#server.close()
  }

  #meeting(): Promise<void> {
    return new Promise((resolve) => {
      this.#met = resolve
    })
  }

  #link(client: Socket): void {
    client.on('error', () => undefined)
    if (this.#cut) {
      client.destroy()
      this.#met()
      return
    }
    const server = dial(Number(this.#target.port), this.#target.hostname)
    const link = [client, server] as const
    this.#links.add(link)
    server.on('error', () => undefined)
    let swallow = false
    client.on('data', (data) => {
      const next = data.includes('WITH mine AS (UPDATE') ? this.#next : undefined
      if (next === undefined) {
        server.write(data)
        return
      }
      this.#next = undefined
      if (next === 'held') {
        client.pause()
        this.#deliver = () =>
          new Promise((resolve) => {
            server.once('data', () => resolve())
            server.write(data)
          })
        this.#met()
        return
      }
      swallow = true
      server.write(data)
    })
    server.on('data', (data) => {
      if (!swallow) client.write(data)
      else {
        client.destroy()
        server.destroy()
        this.#met()
      }
    })
    const ended = (other: Socket, held: () => boolean) => () => {
      this.#links.delete(link)
      if (!held()) other.destroy()
    }
    // What is on its way arrives even if its sender has hung up.
    client.on(
      'close',
      ended(server, () => client.isPaused()),
    )
    server.on(
      'close',
      ended(client, () => false),
    )
  }
}
