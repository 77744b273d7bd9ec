import { Boom } from '@hapi/boom'
import type { Status } from '../../machines/index.ts'
import { publicStatus } from '../metrics/health.ts'

/** Baileys' own words and codes for the ways in which a socket ends: gateways decide by the code. */

/** No connection, or none any more. `status` says why one does not come by itself; without the code to scan. */
export const connectionClosed = (status?: Status): Boom =>
  new Boom('Connection Closed', { statusCode: 428, ...(status === undefined ? {} : { data: publicStatus(status) }) })

/** The gateway closed the transport. */
export const connectionTerminated = (): Boom => new Boom('Connection Terminated', { statusCode: 428 })

/** Another process has the folder; Baileys' word for a second connection with the same credentials. */
export const replaced = (message: string): Boom => new Boom(message, { statusCode: 440 })

/** The gateway logged out. */
export const loggedOut = (message?: string): Boom => new Boom(message || 'Intentional Logout', { statusCode: 401 })
