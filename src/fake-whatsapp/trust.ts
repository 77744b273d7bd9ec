/** The part of a Baileys module that says which server is the true one. */
export interface BaileysModule {
  WA_CERT_DETAILS: object
}

/**
 * Makes a Baileys module believe in the server with that root key (hex). Version 7 checks the server's certificates against a key in
 * an exported object; version 6 checks no key and needs nothing, which does no harm. For test processes only.
 */
export function trust(baileys: BaileysModule, rootKey: string): void {
  Object.assign(baileys.WA_CERT_DETAILS, { PUBLIC_KEY: Buffer.from(rootKey, 'hex') })
}
