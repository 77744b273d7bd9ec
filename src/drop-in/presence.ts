type Update = Record<string, unknown>

/** How the connection of a folder stands, as an update that is told to whoever comes late. */
export class Presence {
  #connection: 'connecting' | 'open' = 'connecting'
  #qr: unknown
  #isNewLogin = false
  #received = false

  /** What a late listener is told. */
  get update(): Update {
    return {
      connection: this.#connection,
      ...(this.#qr === undefined ? {} : { qr: this.#qr }),
      ...(this.#isNewLogin ? { isNewLogin: true } : {}),
      ...(this.#received ? { receivedPendingNotifications: true } : {}),
    }
  }

  /** What of an update of a real socket concerns gateways; undefined if nothing does. */
  take(update: Update, purpose: 'account' | 'pairing'): Update | undefined {
    const { connection, lastDisconnect: _, ...rest } = update
    if (connection === 'connecting') {
      this.#connection = 'connecting'
      this.#received = false
      this.#qr = undefined
    }
    if (connection === 'open' && purpose === 'account') {
      this.#connection = 'open'
      this.#isNewLogin = false
      this.#qr = undefined
    }
    if ('qr' in rest) this.#qr = rest.qr
    if (rest.isNewLogin === true) this.#isNewLogin = true
    if (rest.receivedPendingNotifications === true) this.#received = true
    // Its end is the supervision's business, and so is the opening of a socket that only completes a pairing.
    const told = connection === 'connecting' || (connection === 'open' && purpose === 'account')
    if (told) return { connection, ...rest }
    return Object.keys(rest).length > 0 ? rest : undefined
  }

  /** There is no connection any more. */
  lost(): void {
    this.#connection = 'connecting'
    this.#received = false
  }

  /** The code that is shown now, if there is one: nobody is told of one that is over. */
  codeIs(code: string | undefined): void {
    if (code === undefined) this.#qr = undefined
  }
}
