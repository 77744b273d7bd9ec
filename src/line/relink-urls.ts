import { LifelineError } from '../errors/errors.ts'

/** What a dashboard lends to the lines that it shows. */
export interface RelinkUrls {
  /** A fresh one-time link to this account's code. Throws `LifelineError` if the dashboard has no address yet. */
  relinkUrl(account: string, expiresMs: number | undefined): string
}

/** The one-time links of a line: made by the dashboard that shows it, the one that came last if there are several. */
export class LentUrls {
  readonly #account: string
  #urls: RelinkUrls | undefined

  constructor(account: string) {
    this.#account = account
  }

  /** From now on the links are those of this dashboard. Returns the function that takes them away again. */
  lend(urls: RelinkUrls): () => void {
    this.#urls = urls
    return () => {
      if (this.#urls === urls) this.#urls = undefined
    }
  }

  /** Throws `LifelineError` of code `DASHBOARD_MISSING` if no dashboard shows the line. */
  url(expiresMs: number | undefined): string {
    if (!this.#urls)
      throw new LifelineError(
        'DASHBOARD_MISSING',
        `No dashboard shows the account ${this.#account}, so there is no page that a link could lead to.`,
        'Make one first: createDashboard(line, …) of baileys-lifeline/dashboard, then serve() it or mount it with publicUrl.',
      )
    return this.#urls.relinkUrl(this.#account, expiresMs)
  }
}

/** What a dashboard needs of a line beyond what it shows. */
export interface LendsUrls {
  /** @internal The folder for the library's own files beside the credentials; undefined if the store is no folder. */
  readonly ownFolder?: string | undefined
  /** @internal See {@link LentUrls.lend}. */
  lendRelinkUrls?(urls: RelinkUrls): () => void
}
