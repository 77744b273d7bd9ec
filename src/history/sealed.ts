import { createHmac, randomBytes } from 'node:crypto'
import { type CloseCause, type Facts, isSameNumber, numberIn } from '../../machines/index.ts'

/** Stands for the address of a contact's device, without a way back to its number. */
export type Seal = (address: string) => string

/**
 * The same address has the same stand-in for as long as this seal is used. Its key is in memory alone: a phone number
 * is short enough to be guessed from a plain hash.
 */
export function newSeal(): Seal {
  const key = randomBytes(16)
  return (address) => `c-${createHmac('sha256', key).update(address).digest('base64url').slice(0, 8)}`
}

/** Numbers that nobody has, in place of the expected one and of any other. */
const expectedStandIn = '15550000001'
const otherStandIn = '15550000002'

/** What the recording has for the expected number. */
export const sealedExpected = (expected: string | undefined): string | undefined => expected && expectedStandIn

/** The linked account, as far as the statechart judges it: whether it is the expected one. */
export function sealedSelf(id: string, expected: string | undefined): { readonly id: string } {
  const number = numberIn(id)
  if (number === undefined) return { id: 'nobody@lid' }
  const same = expected !== undefined && isSameNumber(number, expected)
  return { id: `${same ? expectedStandIn : otherStandIn}@s.whatsapp.net` }
}

/** A close without its message, which may name hosts or people. */
export function sealedCause({ kind, code, detail, expiresInMs }: CloseCause): CloseCause {
  return {
    kind,
    ...(code === undefined ? {} : { code }),
    message: '',
    ...(detail !== undefined && /^[\w-]{1,40}$/.test(detail) && !/\d{6}/.test(detail) ? { detail } : {}),
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  }
}

export function sealedFacts(facts: Facts, seal: Seal): Facts {
  const { budget, closes } = facts
  return {
    ...facts,
    budget: sealedBudget(budget, seal),
    closes: closes.map(({ at, cause }) => ({ at, cause: sealedCause(cause) })),
  }
}

export const sealedBudget = (budget: Facts['budget'], seal: Seal): Facts['budget'] => ({
  ...budget,
  addresses: sealedAddresses(budget.addresses, seal),
})

/** What is known by address, under stand-ins for them. */
export const sealedAddresses = <T>(known: Readonly<Record<string, T>>, seal: Seal): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(known).map(([address, one]) => [seal(address), one]))
