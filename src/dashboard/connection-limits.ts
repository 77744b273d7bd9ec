import { readFileSync } from 'node:fs'

/** How many connections the dashboard's own server has at once, and how long each may take to say what it wants. */
export interface ConnectionLimits {
  readonly most: number
  /** For the headers of a request, from the connection on, in milliseconds. */
  readonly headersMs: number
  /** For a whole request. */
  readonly requestMs: number
  /** How often it is looked whose time is over. */
  readonly lookMs: number
}

/** Beside the viewers: pages and probes that come and go. */
const others = 64
/** A server with fewer would shut its owner out. */
const fewest = 8

/**
 * Half of the process's descriptors are kept back for the store and for WhatsApp: what fills the dashboard with
 * connections must not keep a session from being saved.
 */
export const mostConnections = (maxViewers: number, descriptors: number | undefined): number =>
  Math.max(fewest, Math.min(maxViewers + others, Math.floor((descriptors ?? Number.POSITIVE_INFINITY) / 2)))

export const connectionLimits = (maxViewers: number): ConnectionLimits => ({
  most: mostConnections(maxViewers, descriptors()),
  headersMs: 10_000,
  requestMs: 30_000,
  lookMs: 1_000,
})

/** How many files and connections this process may have open; undefined where the system does not say. */
function descriptors(): number | undefined {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}
