import { digestOf, freshSecret } from './secret.ts'

/** Somebody whom a token or a one-time link has let in. */
export interface Session {
  readonly who: 'owner' | 'guest'
  /** The account that a guest may see. */
  readonly account?: string
  readonly expiresAt: number
  /** Signed out, or pushed out. */
  ended: boolean
  /** The guest was shown a code. */
  sawCode: boolean
  /** That code was scanned: no further one is shown. */
  spent: boolean
  /** The guest asked for new codes after all were used up. */
  renewed: boolean
}

/** More than people have browsers; the oldest goes first. */
const most = 1_000

/** Who is let in, by the hash of the cookie. In memory: after a restart everybody shows the token again. */
export class Sessions {
  readonly #sessions = new Map<string, Session>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Lets somebody in; the value of the cookie. */
  begin(session: Pick<Session, 'who' | 'account'>, lastsMs: number): string {
    const secret = freshSecret()
    this.#sessions.set(digestOf(secret), {
      ...session,
      expiresAt: this.#now() + lastsMs,
      ended: false,
      sawCode: false,
      spent: false,
      renewed: false,
    })
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > most && oldest !== undefined) this.#drop(oldest)
    return secret
  }

  find(secret: string): Session | undefined {
    const session = this.#sessions.get(digestOf(secret))
    return session && this.lasts(session) ? session : undefined
  }

  /** Whether somebody who was let in before still is. */
  lasts({ ended, expiresAt }: Session): boolean {
    return !ended && expiresAt > this.#now()
  }

  end(secret: string): void {
    this.#drop(digestOf(secret))
  }

  /** The account is linked: guests who came for its code have seen the last one. */
  linked(account: string): void {
    for (const session of this.#sessions.values())
      if (session.account === account && session.sawCode) session.spent = true
  }

  #drop(key: string): void {
    const session = this.#sessions.get(key)
    if (session) session.ended = true
    this.#sessions.delete(key)
  }
}
