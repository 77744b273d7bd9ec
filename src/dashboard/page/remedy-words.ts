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

/** A button of the card. */
export interface OfferedButton {
  readonly offer: Offer
  /** It is what helps now; others are there because an owner looks for them first. */
  readonly helps: boolean
  /** It would be taken now. */
  readonly takes: boolean
}

/**
 * What stands in the card. A reconnect does wherever it can help at all, so that it is found in one place. The square
 * of the code has a button of its own for new codes.
 */
export function offersOf({ status, can }: AccountView): readonly OfferedButton[] {
  const { state, remedies = [], nextAttemptAt, userAction } = status
  if (can.keepLink) return [{ offer: 'keep-link', helps: true, takes: true }]
  const waits = state === 'reconnecting' && nextAttemptAt !== undefined
  const inVain = state === 'stopped' || state === 'awaitingQr' || (state === 'blocked' && userAction === 'wait')
  const reconnect = {
    offer: 'reconnect',
    helps: remedies.includes('reconnect') || waits,
    takes: can.reconnect,
  } as const
  const more = (['show-code', 'pairing-code'] as const).filter(
    (offer) => remedies.includes(offer) && (offer === 'show-code' ? can.relink : can.pairingCode),
  )
  return [...(inVain ? [] : [reconnect]), ...more.map((offer) => ({ offer, helps: true, takes: true }))].toSorted(
    (one, other) => Number(other.helps) - Number(one.helps),
  )
}
