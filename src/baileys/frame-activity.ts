import type { BinaryNode } from './baileys-types.ts'
import type { BaileysSocket } from './socket.ts'

export interface FrameActivity {
  /** When bytes last came from the server, by the clock given; the start of the watch if none came yet. */
  readonly lastAt: number
  stop(): void
}

/**
 * Watches a socket for any sign of life from the server, answers to Baileys' own keep-alive included. Listens to the
 * transport's `message`: a listener on `frame` would make Baileys think that unknown stanzas are handled.
 */
export function watchFrames(sock: Pick<BaileysSocket, 'ws'>, now: () => number = Date.now): FrameActivity {
  let lastAt = now()
  const seen = () => {
    lastAt = now()
  }
  sock.ws.on('message', seen)
  return {
    get lastAt() {
      return lastAt
    },
    stop: () => {
      sock.ws.off('message', seen)
    },
  }
}

/** A ping that was not answered; its message says why. */
export class PingError extends Error {
  override readonly name = 'PingError'
}

/**
 * One round trip to the server (an iq of `w:p`, as Baileys' own keep-alive sends), in milliseconds. Rejects with
 * `PingError` at the deadline, when the socket closes, or when `signal` aborts; leaves no listener and no timer. Any
 * answer counts, an error too: the server read the question.
 */
export function pingSocket(
  sock: Pick<BaileysSocket, 'ws' | 'sendNode' | 'generateMessageTag'>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const id = sock.generateMessageTag()
    const startedAt = performance.now()
    const end = (error?: PingError) => {
      clearTimeout(timer)
      sock.ws.off(`TAG:${id}`, answered)
      sock.ws.off('close', closed)
      signal?.removeEventListener('abort', aborted)
      if (error === undefined) resolve(performance.now() - startedAt)
      else reject(error)
    }
    const answered = () => end()
    const closed = () => end(new PingError('The connection closed before the ping was answered.'))
    const aborted = () => end(new PingError('The ping was given up before it was answered.'))
    const timer = setTimeout(() => end(new PingError(`The ping was not answered within ${timeoutMs} ms.`)), timeoutMs)
    sock.ws.on(`TAG:${id}`, answered)
    sock.ws.on('close', closed)
    signal?.addEventListener('abort', aborted)
    if (signal?.aborted) aborted()
    else send(sock, ping(id)).catch((cause: unknown) => end(new PingError('The ping could not be sent.', { cause })))
  })
}

/** A socket whose `sendNode` throws instead of rejecting is no reason to throw past the cleaning up. */
async function send(sock: Pick<BaileysSocket, 'sendNode'>, node: BinaryNode): Promise<void> {
  await sock.sendNode(node)
}

function ping(id: string): BinaryNode {
  return {
    tag: 'iq',
    attrs: { id, to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' },
    content: [{ tag: 'ping', attrs: {} }],
  }
}
