import type { OwnersLogger } from '../baileys/logger-tap.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import { OptionsError } from '../errors/errors.ts'
import { knownOptions, wrongOption } from '../errors/wrong-option.ts'
import { checkOptions, type LifelineOptions } from '../line/options.ts'
import type { ConnectOptions } from '../line/services/connect-options.ts'
import { accountName } from '../stores/account-name.ts'
import type { PostgresOptions } from '../stores/postgres/connection.ts'
import { PostgresDatabase } from '../stores/postgres/database.ts'
import { mostConnections } from '../stores/postgres/pool.ts'
import type { Coordination } from './coordination.ts'
import { FolderCoordination } from './folder-coordination.ts'
import { type FleetPace, paceOf } from './pace.ts'
import { PostgresCoordination } from './postgres-coordination.ts'

/** What `connect` is given for each socket of a fleet. */
export interface FleetConnectOptions extends ConnectOptions {
  /** The name of the account. */
  readonly account: string
}

/** Options of `createFleet`. */
export interface FleetOptions<S extends BaileysSocket = BaileysSocket>
  extends Pick<LifelineOptions<S>, 'policy' | 'notify' | 'logger' | 'mode'> {
  /**
   * Where the accounts are. The path of a folder with a folder for each account: this host alone has them. Or a
   * PostgreSQL database that several hosts share: `{ connectionString }`, or what `connectPostgres` of
   * `baileys-lifeline/postgres` gives.
   */
  readonly store: string | PostgresOptions | PostgresDatabase
  /**
   * Makes one socket of an account:
   * `({ account, auth, logger, getMessage, caches }) => makeWASocket({ auth, logger, getMessage, ...caches })`.
   */
  readonly connect: (options: FleetConnectOptions) => S | Promise<S>
  /**
   * The name of this host, different from that of every other. Default: the database's `host` option, or the system's
   * host name.
   */
  readonly hostId?: string
  /** Accounts that are to run, beside those that are known already. Default none. */
  readonly accounts?: readonly string[]
  /**
   * How many accounts this host takes at most. 0: it claims none and only watches, as for a dashboard. Default: any
   * number.
   */
  readonly most?: number
  /** How often the hosts look and tell, and how many accounts are claimed and connected at a time. */
  readonly pace?: Partial<FleetPace>
  /**
   * Signals upon which the host hands its accounts over and leaves; the process then ends by that signal. Default
   * `['SIGTERM']`.
   */
  readonly drainOn?: readonly NodeJS.Signals[]
}

export interface CheckedFleetOptions<S extends BaileysSocket> {
  readonly coordination: Coordination
  readonly connect: (options: FleetConnectOptions) => S | Promise<S>
  readonly line: Pick<LifelineOptions<S>, 'policy' | 'notify' | 'logger' | 'mode'>
  readonly accounts: readonly string[]
  readonly most: number | undefined
  readonly pace: FleetPace
  readonly logger: OwnersLogger | undefined
  readonly drainOn: readonly NodeJS.Signals[]
}

const known = [
  'store',
  'connect',
  'hostId',
  'accounts',
  'most',
  'pace',
  'drainOn',
  'policy',
  'notify',
  'logger',
  'mode',
]

/** What the socket of a lost account has for closing, whatever the policy says; then it is cut. */
export const closingMs = 2_000

/** Checks everything before anything starts. Throws `OptionsError`. */
export function checkFleetOptions<S extends BaileysSocket>(options: FleetOptions<S>): CheckedFleetOptions<S> {
  knownOptions('fleet', options, known)
  const { store, connect, hostId, accounts = [], most, pace, drainOn = ['SIGTERM'], ...line } = options
  if (typeof connect !== 'function') throw wrongOption('connect', connect, 'a function that returns makeWASocket(…)')
  if (hostId !== undefined && (typeof hostId !== 'string' || hostId === ''))
    throw wrongOption('hostId', hostId, 'the name of this host')
  if (!Array.isArray(accounts)) throw wrongOption('accounts', accounts, 'an array of names')
  for (const name of accounts) accountName('accounts', name)
  if (most !== undefined && (!Number.isInteger(most) || most < 0))
    throw wrongOption('most', most, 'a whole number from 0')
  if (!Array.isArray(drainOn)) throw wrongOption('drainOn', drainOn, "an array of signals, e.g. ['SIGTERM']")
  const coordination = coordinationOf(store, hostId)
  // What a line would refuse would otherwise be found only when an account is claimed.
  const { policy } = checkOptions({ ...line, auth: coordination.location, connect: connect as never })
  checkMargin(coordination, policy.reconnect.closeTimeoutMs)
  return { coordination, connect, line, accounts, most, pace: paceOf(pace), logger: line.logger, drainOn }
}

function coordinationOf(store: unknown, hostId: string | undefined): Coordination {
  if (typeof store === 'string' && store !== '' && !store.includes('\0')) return new FolderCoordination(store, hostId)
  if (store instanceof PostgresDatabase) {
    if (hostId !== undefined && hostId !== store.host)
      throw new OptionsError(
        'hostId',
        'The option hostId differs from the host of the database that is given.',
        'Give the name once: connectPostgres({ host }), or hostId with { connectionString }.',
      )
    checkPool(store.poolSize)
    return PostgresCoordination.of(store, undefined)
  }
  if (typeof store === 'object' && store !== null) {
    const { pool } = store as PostgresOptions
    checkPool(pool && mostConnections(pool))
    return PostgresCoordination.of(store, hostId)
  }
  throw wrongOption('store', store, 'the path of a folder, or { connectionString } of a PostgreSQL database')
}

/** One connection listens for what other hosts tell, for as long as the fleet runs; all else needs another. */
function checkPool(most: number | undefined): void {
  if (most !== undefined && most < 2)
    throw new OptionsError(
      'store.pool',
      `The option store.pool has ${most} connection at most; a fleet listens on one and asks on others, so it would wait for ever.`,
      'Give new pg.Pool({ max: 2 }) or more; 8 are enough for 1,000 accounts.',
    )
}

/** A host looks at its clock at least so often, or twice in each margin. */
const lookMs = 1_000

/**
 * A socket has to be closed within the margin of its lease, counted from when the host looks at its clock, or two could
 * be open.
 */
function checkMargin({ terms }: Coordination, closeTimeoutMs: number): void {
  if (!terms) return
  const { marginMs } = terms
  const needed = Math.min(closingMs, closeTimeoutMs) + Math.min(lookMs, Math.ceil(marginMs / 2))
  if (marginMs < needed)
    throw new OptionsError(
      'store.lease.marginMs',
      `The option store.lease.marginMs is ${marginMs}; a host may need ${needed} ms to find that its time is over and to close a socket.`,
      `Give at least ${needed}, or lower policy.reconnect.closeTimeoutMs.`,
    )
}
