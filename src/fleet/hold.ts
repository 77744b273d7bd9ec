import type { Status } from '../../machines/index.ts'

/** Kept beside the account where every host sees it. */
export interface Hold {
  readonly held: { readonly state: string; readonly message: string; readonly since: number }
}

/**
 * Whether the account is to stay where it is until a person has seen to it: WhatsApp has banned or locked it, or another client uses its credentials. No other host tries
 * it then. A ban for a time needs no hold: its end is among the facts that every store keeps.
 */
export const holdOf = ({ state, userAction, message, since }: Status): Hold | undefined =>
  state === 'conflicted' || (state === 'blocked' && userAction === 'ask-whatsapp')
    ? { held: { state, message, since } }
    : undefined

export const isHold = (details: unknown): details is Hold =>
  typeof details === 'object' &&
  details !== null &&
  'held' in details &&
  typeof details.held === 'object' &&
  details.held !== null
