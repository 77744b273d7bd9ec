import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isPrivateAddress } from './private-address.ts'

/** Finds every address of a name; Node's own by default. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Name resolution that refuses names with a private address, unless they are allowed. The very addresses that were
 * checked are dialled, so a name server that answers otherwise the next time (DNS rebinding) gains nothing.
 */
export function guardedLookup(allowPrivate: boolean, resolve: Resolve = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const first = addresses?.[0]
      const refused = allowPrivate ? undefined : addresses?.find(({ address }) => isPrivateAddress(address))
      if (error || !first) callback(error ?? new Error(`${hostname} has no address`), '', 0)
      else if (refused) callback(new Error(`${hostname} has the private address ${refused.address}; ${ifMeant}`), '', 0)
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

export const ifMeant = 'set allowPrivate if that is meant'
