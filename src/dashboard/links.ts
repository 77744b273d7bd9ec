import { digestOf, freshSecret } from './secret.ts'

interface Link {
  readonly account: string
  readonly expiresAt: number
}

/** A link that holds for longer is a password. */
export const longestLinkMs = 7 * 86_400_000

/** More links than anybody sends; the oldest goes first. */
const most = 1_000

/** One-time links, by the hash of their secret. */
export class Links {
  readonly #links = new Map<string, Link>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  make(account: string, lastsMs: number): Link & { readonly secret: string } {
    const secret = freshSecret()
    const link = { account, expiresAt: this.#now() + lastsMs }
    this.#links.set(digestOf(secret), link)
    const [oldest] = this.#links.keys()
    if (this.#links.size > most && oldest !== undefined) this.#links.delete(oldest)
    return { ...link, secret }
  }

  /** The account that the link leads to, the first time; undefined if it was used, is too old, or never was. */
  redeem(secret: string): string | undefined {
    const key = digestOf(secret)
    const link = this.#links.get(key)
    this.#links.delete(key)
    return link && link.expiresAt > this.#now() ? link.account : undefined
  }
}
