import type { BinaryNode } from './baileys-types.ts'
import { BoundedCache } from './bounded-cache.ts'
import { type RetryReceipt, readReceipt, type Self } from './receipt.ts'
import { addressLine, isMappable, mappedAddress, signalAddress } from './signal-address.ts'
import type { BaileysSocket } from './socket.ts'

export interface ReceiptHandlers {
  /**
   * Asked at each receipt for something that was read, whether anybody wants to hear of it; what nobody does costs next
   * to nothing.
   */
  readonly awaitsReached: () => boolean
  /**
   * A device asks for a message of ours again. `address` is its Signal address, in the form of
   * `DecryptFailure.address`.
   */
  readonly onRetry: (retry: RetryReceipt, address: string) => void
  /** A device could read these messages of ours. */
  readonly onReached: (ids: readonly string[], address: string) => void
}

const mostMapped = 4_096

/**
 * Watches what devices say of the messages that they got over one socket, from its stanzas: whatever logger the owner
 * passes, and at whatever level. The returned function leaves no listener; nothing is told after it. What handlers
 * throw ends here, untold: they run inside Baileys' own.
 */
export function watchReceipts(
  sock: Pick<BaileysSocket, 'ws' | 'authState' | 'signalRepository'>,
  self: () => Self | undefined,
  handlers: ReceiptHandlers,
): () => void {
  const line = addressLine(sock)
  const mapped = new BoundedCache({ entries: mostMapped })
  /** Look-ups under way: what comes after them is told after them. */
  let turn: Promise<void> | undefined
  let stopped = false

  const addressOf = (jid: string): string | undefined =>
    line === 'v6' || !isMappable(jid) ? signalAddress(jid, line) : mapped.get<string>(jid)
  const lookUp = async (jid: string): Promise<string> => {
    const address = await mappedAddress(sock, jid)
    // A mapping may still come to be, so only one that is there is kept.
    if (address !== signalAddress(jid, line)) mapped.set(jid, address)
    return address
  }
  const withAddress = (jid: string, tell: (address: string) => void): void => {
    const known = addressOf(jid)
    if (known !== undefined && turn === undefined) {
      tell(known)
      return
    }
    const told = (turn ?? Promise.resolve())
      .then(async () => {
        const address = known ?? (await lookUp(jid))
        if (!stopped) tell(address)
      })
      .catch(ignore)
      .then(() => {
        if (turn === told) turn = undefined
      })
    turn = told
  }
  const received = (node: unknown): void => {
    try {
      const receipt = readReceipt(node as BinaryNode, self())
      if (receipt?.type === 'retry') withAddress(receipt.device, (address) => handlers.onRetry(receipt, address))
      else if (receipt && handlers.awaitsReached())
        for (const device of receipt.devices) withAddress(device, (address) => handlers.onReached(receipt.ids, address))
    } catch {
      // A stanza of an unknown shape says nothing of anybody.
    }
  }

  sock.ws.on('CB:receipt', received)
  return () => {
    stopped = true
    sock.ws.off('CB:receipt', received)
  }
}

const ignore = (): void => undefined
