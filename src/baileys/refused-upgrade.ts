import { read } from '../errors/error-chain.ts'
import type { BaileysSocket } from './socket.ts'

/** The HTTP answer to a WebSocket upgrade, in the words that ws has for it and `classifyClose` knows. */
class RefusedUpgradeError extends Error {
  override readonly name = 'RefusedUpgradeError'
  readonly output: { readonly statusCode: number }

  constructor(status: number) {
    super(`WebSocket Error (Unexpected server response: ${status})`)
    this.output = { statusCode: status }
  }
}

/**
 * Ends a socket whose upgrade was answered with something else than a WebSocket. Both Baileys lines listen to ws'
 * `unexpected-response` and do nothing with it, which takes from ws the duty to fail: behind a captive portal the
 * socket would neither open nor close. Returns the unsubscribe function.
 */
export function endOnRefusedUpgrade(sock: Pick<BaileysSocket, 'ws' | 'end'>): () => void {
  const refused = (_request: unknown, response: unknown) => {
    const status = read(response, 'statusCode')
    void Promise.resolve(sock.end(new RefusedUpgradeError(typeof status === 'number' ? status : 0))).catch(
      () => undefined,
    )
  }
  sock.ws.on('unexpected-response', refused)
  return () => {
    sock.ws.off('unexpected-response', refused)
  }
}
