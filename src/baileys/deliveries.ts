import { read } from '../errors/error-chain.ts'
import type { BaileysSocket } from './socket.ts'

/** What a server delivers; answers to questions, as to a ping, are none of it. */
const delivered = ['CB:message', 'CB:receipt', 'CB:notification'] as const

/**
 * Calls `came` whenever the server delivers something as it happens: what had waited for the login says only that the
 * login worked. The returned function leaves no listener.
 */
export function watchDeliveries({ ws }: Pick<BaileysSocket, 'ws'>, came: () => void): () => void {
  const look = (stanza: unknown): void => {
    if (read(read(stanza, 'attrs'), 'offline') === undefined) came()
  }
  for (const event of delivered) ws.on(event, look)
  return () => {
    for (const event of delivered) ws.off(event, look)
  }
}

/** Calls `refused` when the server does not take a message of ours, with its id and why. */
export function watchRefusals(
  { ws }: Pick<BaileysSocket, 'ws'>,
  refused: (id: string, code: string) => void,
): () => void {
  const look = (stanza: unknown): void => {
    const { id, error } = (read(stanza, 'attrs') ?? {}) as Record<string, unknown>
    if (typeof id === 'string' && typeof error === 'string') refused(id, error)
  }
  ws.on('CB:ack,class:message', look)
  return () => {
    ws.off('CB:ack,class:message', look)
  }
}
