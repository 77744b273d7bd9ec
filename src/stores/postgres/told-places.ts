import type { RowPlace } from './row-place.ts'

/*
 * Where stands what hosts tell each other, and what is bound into its seal: the fleet (`fleet`: the name of database
 * and schema), the account, and the host that it is of or for. So none can be moved to another place.
 */

export const hostPlace = (fleet: string, host: string): RowPlace => ({
  account: host,
  kind: 'host',
  name: host,
  bound: [fleet],
})

/** Bound to no database: it has to outlast a move to another one. */
export const desiredPlace = (account: string, desired: string): RowPlace => ({
  account,
  kind: 'desired',
  name: account,
  bound: [desired],
})

export const statusPlace = (fleet: string, account: string, host: string, epoch: number): RowPlace => ({
  account,
  kind: 'status',
  name: account,
  bound: [fleet, host, epoch],
})

/** `host`: whose inbox it lies in, who also answers. */
export const commandPlace = (
  kind: 'command' | 'answer',
  fleet: string,
  account: string,
  id: string,
  host: string,
): RowPlace => ({ account, kind, name: id, bound: [fleet, host] })
