import { digestOf, freshSecret } from './secret.ts'

interface Link<Target> {
  readonly target: Target
  readonly expiresAt: number
}

/** A link that holds for longer is a password. */
export const longestLinkMs = 7 * 86_400_000

/** More links than anybody sends; the oldest goes first. */
const most = 1_000

/** One-time links, by the hash of their secret. `Target`: what they lead to. */
export class Links<Target = string> {
  readonly #links = new Map<string, Link<Target>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  make(target: Target, lastsMs: number): Link<Target> & { readonly secret: string } {
    const secret = freshSecret()
    const link = { target, expiresAt: this.#now() + lastsMs }
    this.#links.set(digestOf(secret), link)
    const [oldest] = this.#links.keys()
    if (this.#links.size > most && oldest !== undefined) this.#links.delete(oldest)
    return { ...link, secret }
  }

  /** What the link leads to, the first time; undefined if it was used, is too old, or never was. */
  redeem(secret: string): Target | undefined {
    const key = digestOf(secret)
    const link = this.#links.get(key)
    this.#links.delete(key)
    return link && link.expiresAt > this.#now() ? link.target : undefined
  }
}
