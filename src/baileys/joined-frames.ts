import { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import { read } from '../errors/error-chain.ts'

/** Connections whose frames wait for the end of this turn of the event loop. */
const held = new Set<Writable>()
/** Connections that are open. */
const open = new Set<Writable>()

function release(): void {
  const released = [...held]
  held.clear()
  for (const connection of released) connection.uncork()
}

const isConnection = (value: unknown): value is Writable =>
  value instanceof EventEmitter &&
  typeof read(value, 'cork') === 'function' &&
  typeof read(value, 'uncork') === 'function'

/**
 * Frames that are sent in one turn of the event loop leave in one write to the connection: with one operation on a
 * session at a time they are sent one by one, and each write costs a system call. Nothing waits longer than that turn,
 * nor past the end of the process, and who waits for a send waits until it is written, as before. Returns what is to be
 * called before each send on this WebSocket, which has not been opened yet; one that does not tell of its connection as
 * `ws` does is left as it is.
 */
export function joinFrames(raw: object): () => void {
  let connection: Writable | undefined
  if (raw instanceof EventEmitter)
    raw.once('upgrade', (response: unknown) => {
      const upgraded = read(response, 'socket')
      if (!isConnection(upgraded)) return
      connection = upgraded
      if (open.size === 0) process.on('exit', release)
      open.add(upgraded)
      upgraded.once('close', () => {
        open.delete(upgraded)
        held.delete(upgraded)
        if (open.size === 0) process.off('exit', release)
      })
    })
  return () => {
    if (connection === undefined || held.has(connection) || connection.destroyed) return
    if (held.size === 0) setImmediate(release)
    held.add(connection)
    connection.cork()
  }
}
