import type { AccountView } from '../wire.ts'

type Status = AccountView['status']
type Remedy = NonNullable<Status['remedies']>[number]

/** What a remedy is called on the page: the name of its button, where it has one. */
const words: Readonly<Record<Remedy, readonly [byMethod: string, here: string]>> = {
  start: ['Call start()', 'Start it in the program that runs it'],
  reconnect: ['call reconnect()', 'press “Reconnect”'],
  'show-code': ['relink()', '“Show a code”'],
  'pairing-code': ['requestPairingCode()', '“Link with the phone number”'],
  heal: ["Switch to mode 'heal'", 'Let the program that runs it heal (lifeline run: without --observe)'],
}

/** What to do, in the words of this page. */
export const remediationHere = ({ remediation = '' }: Pick<Status, 'remediation'>): string =>
  Object.values(words).reduce((said, [byMethod, here]) => said.replaceAll(byMethod, here), remediation)

/** A remedy that is a button in the card. */
export type Offer = 'reconnect' | 'show-code' | 'pairing-code' | 'keep-link'

export const offerTitles: Readonly<Record<Offer, string>> = {
  reconnect: 'Reconnect',
  'show-code': 'Show a code',
  'pairing-code': 'Link with the phone number',
  'keep-link': 'Cancel: keep the old link',
}

/** What helps now. The square of the code has a button of its own for new codes. */
export function offersOf({ status, can }: AccountView): readonly Offer[] {
  const { state, remedies = [], nextAttemptAt } = status
  if (can.keepLink) return ['keep-link']
  const waits = state === 'reconnecting' && nextAttemptAt !== undefined
  return [
    ...((remedies.includes('reconnect') || waits) && can.reconnect ? (['reconnect'] as const) : []),
    ...(remedies.includes('show-code') && can.relink ? (['show-code'] as const) : []),
    ...(remedies.includes('pairing-code') && can.pairingCode ? (['pairing-code'] as const) : []),
  ]
}
