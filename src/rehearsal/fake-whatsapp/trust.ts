import { learn } from './protocol.ts'

/** The part of a Baileys module that says which server is the true one. */
export interface BaileysModule {
  /** Whom Baileys believes to be WhatsApp; `trust` writes into it. */
  WA_CERT_DETAILS: object
}

/**
 * Makes a Baileys module believe in the server with that root key (hex). Version 7 holds WhatsApp's key in an exported
 * object; version 6 holds none, and gains nothing and loses nothing. With libsignal 6.0.0 version 7 accepts any
 * signature, because the check answers with false where Baileys expects it to throw: trust is needed as soon as either
 * is mended. For test processes only.
 */
export function trust(baileys: BaileysModule, rootKey: string): void {
  learn(baileys)
  Object.assign(baileys.WA_CERT_DETAILS, { PUBLIC_KEY: Buffer.from(rootKey, 'hex') })
}
