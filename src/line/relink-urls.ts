import { LifelineError } from '../errors/errors.ts'

/** What a dashboard lends to the lines that it shows. */
export interface RelinkUrls {
  /** A fresh one-time link to this account's code. Throws `LifelineError` if the dashboard has no address yet. */
  relinkUrl(account: string, expiresMs: number | undefined): string
}

const lent = new WeakMap<object, RelinkUrls>()
const ownFolders = new WeakMap<object, string>()

/** From now on the line's one-time links are those of this dashboard. Returns the function that takes it away again. */
export function lendRelinkUrls(line: object, urls: RelinkUrls): () => void {
  lent.set(line, urls)
  return () => {
    if (lent.get(line) === urls) lent.delete(line)
  }
}

/** Throws `LifelineError` of code `DASHBOARD_MISSING` if no dashboard shows this line. */
export function relinkUrl(line: { readonly account: string }, expiresMs: number | undefined): string {
  const urls = lent.get(line)
  if (!urls)
    throw new LifelineError(
      'DASHBOARD_MISSING',
      `No dashboard shows the account ${line.account}, so there is no page that a link could lead to.`,
      'Make one first: createDashboard(line, …) of baileys-lifeline/dashboard, then serve() it or mount it with publicUrl.',
    )
  return urls.relinkUrl(line.account, expiresMs)
}

/** The folder for the library's own files beside a line's credentials, for whoever keeps something of his own there. */
export function ownFolderOf(line: object): string | undefined {
  return ownFolders.get(line)
}

export function rememberOwnFolder(line: object, folder: string | undefined): void {
  if (folder !== undefined) ownFolders.set(line, folder)
}
