import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Notice, verifyWebhook } from '../../src/index.ts'

export const secret = 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0cy0xMjM0NTY3OA=='

export type Answer = (response: ServerResponse, request: IncomingMessage) => void

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end()
  }

/** A webhook receiver that answers as it is told and keeps what it accepted. */
export class Receiver {
  readonly server: Server
  /** Each try, in the order in which it came. */
  readonly tries: { readonly id: string; readonly message: string; readonly headers: IncomingMessage['headers'] }[] = []
  /** What was answered with 2xx. */
  readonly accepted: Notice[] = []
  /** For the next tries; 204 after that. */
  readonly answers: Answer[] = []
  port = 0

  constructor() {
    this.server = createServer((request, response) => void this.#take(request, response))
  }

  static async open(): Promise<Receiver> {
    return new Receiver().up()
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/a-secret-path`
  }

  get messages(): string[] {
    return this.accepted.map(({ message }) => message)
  }

  /** On the port that it had before, if any. */
  async up(): Promise<this> {
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
    return this
  }

  async down(): Promise<void> {
    this.server.closeAllConnections()
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve))
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { id, payload } = verifyWebhook(secret, request.headers, Buffer.concat(chunks))
    this.tries.push({ id, message: payload.message, headers: request.headers })
    const answer = this.answers.shift() ?? status(204)
    answer(response, request)
    if (response.headersSent && response.statusCode < 300) this.accepted.push(payload)
  }
}
