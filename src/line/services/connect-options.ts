import type { SocketCaches } from '../../baileys/caches/account-caches.ts'
import type { BaileysLogger } from '../../baileys/logger-tap.ts'
import type { OpenAuth } from '../../stores/store.ts'
import type { GetMessage } from './sent/resender.ts'

/** What `connect` is given for each socket. */
export interface ConnectOptions {
  /** For `makeWASocket({ auth })`: the stored account, behind a fence. */
  readonly auth: OpenAuth['state']
  /** For `makeWASocket({ logger })`: the owner's logger, watched for signs of trouble and cleaned of keys. */
  readonly logger: BaileysLogger
  /**
   * For `makeWASocket({ getMessage })`, unless you have one of your own: the last messages that the account has sent,
   * as the policy's `resend` keeps them. Baileys asks it for what a contact could not read, and for the poll that a
   * vote is for. Resolves with nothing for a message that is not kept.
   */
  readonly getMessage: GetMessage
  /**
   * For `makeWASocket({ ...caches })`: what belongs to the account and outlives its sockets. Each of them may be
   * replaced by one of your own that outlives sockets, too.
   */
  readonly caches: SocketCaches
  /** Number of the socket, for the owner's own logs. */
  readonly generation: number
  /**
   * `account`: the socket of the linked account. `pairing`: it shows codes and links, from a staging area; it ends as
   * soon as it has opened.
   */
  readonly purpose: 'account' | 'pairing'
}
