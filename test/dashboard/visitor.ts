import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/**
 * Asks over a real connection, with the path and the headers exactly as they are given: a browser under attack sends
 * what a fetch function refuses to.
 */
export async function ask(
  base: string,
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<Answer> {
  const response = await open(base, path, { method, headers, ...(body === undefined ? {} : { body }) })
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
}

function open(base: string, path: string, { method, headers, body }: Asked): Promise<IncomingMessage> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, path, method, headers, agent: false })
    sent.on('response', resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

export const json = (answer: Answer): unknown => JSON.parse(answer.body)

/** The code of a refusal. */
export const refusal = (answer: Answer): string => {
  const { error } = JSON.parse(answer.body) as { error: { code: string; message: string; remediation: string } }
  if (error.message === '' || error.remediation === '') throw new Error(`${error.code} says nothing.`)
  return `${answer.status} ${error.code}`
}

/** What a page of the dashboard itself sends with a request that changes something. */
export const own = (base: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  'content-type': 'application/json',
  origin: new URL(base).origin,
  ...more,
})

export interface Frame {
  readonly event: string
  readonly id: string
  readonly data: {
    readonly accounts: readonly { readonly account: string; readonly qr?: { code: string }; readonly label: string }[]
    readonly gone?: readonly string[]
    readonly at: number
  }
}

/** A viewer at the event stream. */
export class Watching {
  readonly told: Frame[] = []
  readonly status: number
  readonly headers: IncomingHttpHeaders
  ended = false
  /** Bytes that came. */
  received = 0
  readonly response: IncomingMessage
  #rest = ''
  #wakes: (() => void)[] = []

  private constructor(response: IncomingMessage) {
    this.response = response
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    response.on('data', (chunk: Buffer) => this.#read(chunk))
    const end = () => {
      this.ended = true
      this.#wake()
    }
    response.on('close', end)
    response.on('error', end)
  }

  static async at(
    base: string,
    headers: Readonly<Record<string, string>> = {},
    path = '/api/stream',
  ): Promise<Watching> {
    return new Watching(await open(base, path, { method: 'GET', headers }))
  }

  /** Resolves as soon as something that was told of accounts fits; a ping tells of none. */
  async sees(what: (told: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.told.find((told) => told.event !== 'ping' && what(told))
      if (found) return found
      if (this.ended) throw new Error(`The stream ended before it was told: ${JSON.stringify(this.told).slice(0, 500)}`)
      await new Promise<void>((resolve) => this.#wakes.push(resolve))
    }
  }

  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => this.#wakes.push(resolve))
  }

  leave(): void {
    this.response.destroy()
  }

  #read(chunk: Buffer): void {
    this.received += chunk.length
    const parts = (this.#rest + chunk.toString()).split('\n\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) {
      const fields = new Map(
        part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      const [event, id, data] = ['event', 'id', 'data'].map((name) => fields.get(name))
      if (event !== undefined && data !== undefined) this.told.push({ event, id: id ?? '', data: JSON.parse(data) })
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }
}
