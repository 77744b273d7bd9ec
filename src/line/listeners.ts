/** Listeners by event. One that throws or rejects is reported; the others are still told. */
export class Listeners<Payloads extends object> {
  readonly #lists = new Map<keyof Payloads, Set<(payload: never) => unknown>>()
  readonly #report: (error: unknown, doing: string) => void

  constructor(report: (error: unknown, doing: string) => void) {
    this.#report = report
  }

  on<E extends keyof Payloads>(event: E, listener: (payload: Payloads[E]) => unknown): () => void {
    const list = this.#lists.get(event) ?? new Set()
    this.#lists.set(event, list)
    // Wrapped, so that the same function may listen twice and each unsubscribes for itself.
    const own = (payload: Payloads[E]) => listener(payload)
    list.add(own)
    return () => {
      list.delete(own)
    }
  }

  emit<E extends keyof Payloads>(event: E, payload: Payloads[E]): void {
    for (const listener of [...(this.#lists.get(event) ?? [])]) void this.#call(listener, payload, String(event))
  }

  async #call(listener: (payload: never) => unknown, payload: unknown, event: string): Promise<void> {
    try {
      await listener(payload as never)
    } catch (error) {
      this.#report(error, `calling a listener of ${event}`)
    }
  }
}
