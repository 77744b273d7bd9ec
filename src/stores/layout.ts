import { dirname, join } from 'node:path'

/** The library's own folder beside the credentials; everything of ours lies in it. */
export const ownFolder = '.lifeline'

export interface Layout {
  readonly folder: string
  readonly parent: string
  readonly own: string
  readonly lock: string
  readonly generations: string
  readonly quarantine: string
  readonly staging: string
  /** The intent of a promotion under way. */
  readonly promotion: string
  readonly facts: string
  readonly history: string
  /** Messages that were sent, for being asked for again; there only if the policy says so. */
  readonly sent: string
  readonly keyTypes: string
}

export const layoutOf = (folder: string): Layout => {
  const own = join(folder, ownFolder)
  return {
    folder,
    parent: dirname(folder),
    own,
    lock: join(own, 'lock'),
    generations: join(own, 'creds'),
    quarantine: join(own, 'quarantine'),
    staging: join(own, 'staging'),
    promotion: join(own, 'promotion.json'),
    facts: join(own, 'state.json'),
    history: join(own, 'history.jsonl'),
    sent: join(own, 'sent.jsonl'),
    keyTypes: join(own, 'key-types.json'),
  }
}
