import { Boom } from '@hapi/boom'
import type { Status } from '../../machines/index.ts'
import { publicStatus } from '../../machines/public-status.ts'
import { markLostCall } from '../baileys/stray.ts'
import { read } from '../errors/error-chain.ts'

/** Baileys' own words and codes for the ways in which a socket ends: gateways decide by the code. */

/** No connection, or none any more. `status` says why one does not come by itself; without the code to scan. */
export const connectionClosed = (status?: Status): Boom =>
  new Boom('Connection Closed', { statusCode: 428, ...(status === undefined ? {} : { data: publicStatus(status) }) })

/** The same for a call that was under way, or waited: nobody has to have caught it. */
export function callLost(status?: Status): Boom {
  const error = connectionClosed(status)
  markLostCall(error)
  return error
}

/** Whether a call failed because there was no connection, or no answer: 428 or 408. */
export function isConnectionGone(error: unknown): boolean {
  const code = read(read(error, 'output'), 'statusCode')
  return code === 428 || code === 408
}

/** The gateway closed the transport. */
export const connectionTerminated = (): Boom => new Boom('Connection Terminated', { statusCode: 428 })

/** Another process has the folder; Baileys' word for a second connection with the same credentials. */
export const replaced = (message: string): Boom => new Boom(message, { statusCode: 440 })

/** The gateway logged out. */
export const loggedOut = (message?: string): Boom => new Boom(message || 'Intentional Logout', { statusCode: 401 })
