import type { BaileysSocket } from '../baileys/socket.ts'
import type { FleetLine } from './fleet-line.ts'
import type { ReleaseReason } from './host.ts'

/** What `fleet.on` tells, by name. */
export interface FleetEvents<S extends BaileysSocket> {
  /** There are other accounts now. */
  change: undefined
  /** An account is on this host from now on. */
  claimed: FleetLine<S>
  /** An account runs here no more, and why. */
  released: { readonly line: FleetLine<S>; readonly why: ReleaseReason }
  /** The store was lost, or is back. */
  store: FleetStoreStatus
}

/** Whether the store of the fleet can be reached. */
export interface FleetStoreStatus {
  /** Whether the store answers. */
  readonly reachable: boolean
  /** Since when, epoch milliseconds. */
  readonly since: number
  /** What is the matter, and what follows from it. */
  readonly message: string
  /** How many accounts have news that the other hosts do not know yet. */
  readonly untold: number
}
