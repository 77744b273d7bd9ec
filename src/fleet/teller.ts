import type { AccountReport } from './account-report.ts'
import type { Coordination, Desired } from './coordination.ts'

interface Word {
  readonly told?: { readonly epoch: number; readonly content: AccountReport }
  readonly desired?: { readonly to: Desired; readonly details: unknown }
}

/**
 * Tells the others how this host's accounts fare. What cannot be told waits, the newest word for each account, until
 * the store is back.
 */
export class Teller {
  readonly #coordination: Coordination
  readonly #onTrouble: (error: unknown) => void
  readonly #words = new Map<string, Word>()
  #telling: Promise<void> | undefined

  constructor(coordination: Coordination, onTrouble: (error: unknown) => void) {
    this.#coordination = coordination
    this.#onTrouble = onTrouble
  }

  /** How many accounts have something untold. */
  get waiting(): number {
    return this.#words.size
  }

  tell(account: string, epoch: number, content: AccountReport): void {
    this.#words.set(account, { ...this.#words.get(account), told: { epoch, content } })
    void this.flush()
  }

  desire(account: string, to: Desired, details: unknown): void {
    this.#words.set(account, { ...this.#words.get(account), desired: { to, details } })
    void this.flush()
  }

  /** Resolves once everything is told, or could not be. */
  flush(): Promise<void> {
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined
    })
    return this.#telling
  }

  async #tell(): Promise<void> {
    try {
      for (let next = this.#first(); next; next = this.#first()) {
        const [account, word] = next
        if (word.desired) await this.#coordination.desire(account, word.desired.to, word.desired.details)
        if (word.told) await this.#coordination.tell(account, word.told.epoch, word.told.content)
        // A newer word that came meanwhile is told next.
        if (this.#words.get(account) === word) this.#words.delete(account)
      }
    } catch (error) {
      this.#onTrouble(error)
    }
  }

  #first(): readonly [string, Word] | undefined {
    return this.#words.entries().next().value
  }
}
