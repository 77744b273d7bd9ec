import type { AccountView } from '../wire.ts'
import { inOrder } from './tone.ts'

/** What is known of the accounts, in the order in which they need somebody. */
export class Accounts {
  readonly #views = new Map<string, AccountView>()
  #order: AccountView[] = []
  readonly #listeners = new Set<(changed: ReadonlySet<string>) => void>()

  get all(): readonly AccountView[] {
    return this.#order
  }

  get(account: string): AccountView | undefined {
    return this.#views.get(account)
  }

  /** Everything anew. */
  replace(views: readonly AccountView[]): void {
    const touched = new Set([...this.#views.keys(), ...views.map(({ account }) => account)])
    this.#views.clear()
    for (const view of views) this.#views.set(view.account, view)
    this.#order = views.toSorted(inOrder)
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

  onChange(listener: (changed: ReadonlySet<string>) => void): void {
    this.#listeners.add(listener)
  }

  #placeOf(view: AccountView): number {
    let [low, high] = [0, this.#order.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.#order[middle]
      if (there && inOrder(there, view) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #tell(changed: ReadonlySet<string>): void {
    for (const listener of this.#listeners) listener(changed)
  }
}
