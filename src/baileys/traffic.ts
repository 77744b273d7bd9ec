import type { BaileysSocket } from './socket.ts'

/** When messages last passed through the account, in either direction, over all its sockets. Epoch milliseconds. */
export interface Traffic {
  /** A message reached this host, whether it could be read or not. */
  readonly lastInboundAt?: number
  /** WhatsApp acknowledged a message of ours. */
  readonly lastOutboundAt?: number
}

/** Notes the messages of a socket, at its transport: what becomes of them later is watched elsewhere. */
export function watchTraffic(
  { ws }: Pick<BaileysSocket, 'ws'>,
  passed: (traffic: Traffic) => void,
  now: () => number = Date.now,
): () => void {
  const inbound = () => passed({ lastInboundAt: now() })
  const outbound = () => passed({ lastOutboundAt: now() })
  ws.on('CB:message', inbound)
  ws.on('CB:ack,class:message', outbound)
  return () => {
    ws.off('CB:message', inbound)
    ws.off('CB:ack,class:message', outbound)
  }
}
