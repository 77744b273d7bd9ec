import { AsyncLocalStorage } from 'node:async_hooks'
import type { SocketTransport } from './socket.ts'
import { isOpen } from './transport-state.ts'

const transports = new AsyncLocalStorage<SocketTransport>()

/** Runs an operation on a session or a sender key of a socket, which stores what it has changed. */
export const sessionWork = <T>(transport: SocketTransport, work: () => T): T => transports.run(transport, work)

/**
 * Whether the present code is such an operation on a connection that is over. What was encrypted cannot leave, and what
 * was decrypted cannot be acknowledged: nobody will ever know what it changed.
 */
export function isWorkInVain(): boolean {
  return isOpen(transports.getStore()) === false
}
