import type { Status } from '../../machines/index.ts'

/** Kept beside the account where every host sees it. */
export interface Block {
  readonly held: { readonly state: string; readonly message: string; readonly since: number }
}

/**
 * Whether the account is to stay where it is until a person has seen to it: WhatsApp has banned or locked it, or
 * another client uses its credentials. No other host tries it then. A ban for a time needs none: its end is among the
 * facts that every store keeps.
 */
export const blockOf = ({ state, userAction, message, since }: Status): Block | undefined =>
  state === 'conflicted' || (state === 'blocked' && userAction === 'ask-whatsapp')
    ? { held: { state, message, since } }
    : undefined

export const isBlock = (details: unknown): details is Block =>
  typeof details === 'object' &&
  details !== null &&
  'held' in details &&
  typeof details.held === 'object' &&
  details.held !== null
