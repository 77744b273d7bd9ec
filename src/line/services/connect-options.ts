import type { BaileysLogger } from '../../baileys/logger-tap.ts'
import type { OpenAuth } from '../../stores/store.ts'

/** What `connect` is given for each socket. */
export interface ConnectOptions {
  /** For `makeWASocket({ auth })`: the stored account, behind a fence. */
  readonly auth: OpenAuth['state']
  /** For `makeWASocket({ logger })`: the owner's logger, watched for signs of trouble and cleaned of keys. */
  readonly logger: BaileysLogger
  /** Number of the socket, for the owner's own logs. */
  readonly generation: number
  /** `account`: the socket of the linked account. `pairing`: it shows codes and links, from a staging area; it ends as soon as it has opened. */
  readonly purpose: 'account' | 'pairing'
}
