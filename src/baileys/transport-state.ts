import { read } from '../errors/error-chain.ts'

/** What `ws` calls a WebSocket that is open; the two above it are closing and closed. */
const open = 1

/**
 * Whether a transport can carry a stanza. Baileys' own says so itself; a fork may hand out the bare WebSocket of `ws`.
 * Undefined: it says neither, so nothing may hang on it.
 */
export function isOpen(ws: unknown): boolean | undefined {
  const [said, state] = [read(ws, 'isOpen'), read(ws, 'readyState')]
  return typeof said === 'boolean' ? said : typeof state === 'number' ? state === open : undefined
}

/** Whether a transport is at its end or on its way there; undefined as with `isOpen`. */
export function isClosed(ws: unknown): boolean | undefined {
  const [said, state] = [read(ws, 'isClosed'), read(ws, 'readyState')]
  return typeof said === 'boolean' ? said : typeof state === 'number' ? state > open : undefined
}

/** The WebSocket of `ws` that carries it: beneath Baileys' own transport, or the transport itself. */
export function rawSocket(ws: unknown): object | undefined {
  const [beneath, state] = [read(ws, 'socket'), read(ws, 'readyState')]
  const raw = typeof beneath === 'object' && beneath !== null ? beneath : typeof state === 'number' ? ws : undefined
  return typeof raw === 'object' && raw !== null ? raw : undefined
}
