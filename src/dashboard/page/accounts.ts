import type { AccountView } from '../wire.ts'
import type { Knowledge, Known } from './knowledge.ts'
import { serverNow } from './server-clock.ts'
import { rankOf, type Standing, standingOf } from './standing.ts'

const collator = new Intl.Collator(undefined, { numeric: true })

/** What is known of the accounts, in the order in which they need somebody. */
export class Accounts {
  readonly #knowledge: Knowledge
  readonly #views = new Map<string, AccountView>()
  readonly #standings = new WeakMap<AccountView, { readonly silence: string; readonly standing: Standing }>()
  #order: AccountView[] = []
  #silence = ''
  readonly #listeners = new Set<(changed: ReadonlySet<string>) => void>()

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge
  }

  get all(): readonly AccountView[] {
    return this.#order
  }

  get(account: string): AccountView | undefined {
    return this.#views.get(account)
  }

  known(view: AccountView): Known {
    return this.#knowledge.of(view, serverNow())
  }

  /** Reckoned once for each view and each change of who is silent: thousands are asked for at each update. */
  standing(view: AccountView): Standing {
    const kept = this.#standings.get(view)
    if (kept?.silence === this.#silence) return kept.standing
    const standing = standingOf(view, this.known(view))
    this.#standings.set(view, { silence: this.#silence, standing })
    return standing
  }

  /** Everything anew. */
  replace(views: readonly AccountView[]): void {
    const touched = new Set([...this.#views.keys(), ...views.map(({ account }) => account)])
    this.#views.clear()
    for (const view of views) this.#views.set(view.account, view)
    this.#sort(views)
    this.#tell(touched)
  }

  /**
   * A few of many: each is taken out of the order and put where it belongs, so that a thousand others are not sorted
   * for one.
   */
  change(views: readonly AccountView[], gone: readonly string[]): void {
    const touched = new Set([...views.map(({ account }) => account), ...gone])
    this.#order = this.#order.filter(({ account }) => !touched.has(account))
    for (const account of gone) this.#views.delete(account)
    for (const view of views) {
      this.#views.set(view.account, view)
      this.#order.splice(this.#placeOf(view), 0, view)
    }
    this.#tell(touched)
  }

  /** Looks whether somebody went silent, or was heard again: what is known of many accounts then changes at once. */
  look(now: number): void {
    const silence = this.#knowledge.silence(now)
    if (silence === this.#silence) return
    this.#silence = silence
    this.#sort(this.#order)
    this.#tell(new Set(this.#views.keys()))
  }

  onChange(listener: (changed: ReadonlySet<string>) => void): void {
    this.#listeners.add(listener)
  }

  #sort(views: readonly AccountView[]): void {
    const ranks = new Map(views.map((view) => [view, rankOf(this.standing(view))]))
    const rank = (view: AccountView) => ranks.get(view) ?? 0
    this.#order = views.toSorted(
      (one, other) => rank(one) - rank(other) || collator.compare(one.account, other.account),
    )
  }

  #placeOf(view: AccountView): number {
    const own = rankOf(this.standing(view))
    let [low, high] = [0, this.#order.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.#order[middle]
      const before = there && (rankOf(this.standing(there)) - own || collator.compare(there.account, view.account)) <= 0
      if (before) low = middle + 1
      else high = middle
    }
    return low
  }

  #tell(changed: ReadonlySet<string>): void {
    for (const listener of this.#listeners) listener(changed)
  }
}
