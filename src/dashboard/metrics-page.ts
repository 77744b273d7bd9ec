import { LifelineError } from '../errors/errors.ts'
import { collectMetrics } from '../metrics/prometheus.ts'
import type { AccountViews } from './account-views.ts'
import type { LineSource } from './lines.ts'
import { Refusal } from './refusal.ts'

/** The counters of the lines for Prometheus, in a register of their own, if prom-client is installed. */
export class MetricsPage {
  readonly #accountViews: AccountViews
  readonly #off: () => void
  #collecting: Promise<{ readonly text: () => Promise<string>; readonly type: string; readonly end: () => void }>

  constructor(accountViews: AccountViews, source: LineSource) {
    this.#accountViews = accountViews
    this.#collecting = this.#collect()
    // A counter that begins anew is what Prometheus expects of a restart.
    this.#off = source.on('change', () => {
      const before = this.#collecting
      this.#collecting = before.then(({ end }) => end()).then(() => this.#collect())
      this.#collecting.catch(() => undefined)
    })
    this.#collecting.catch(() => undefined)
  }

  /** Throws `Refusal` if prom-client is not there. */
  async answer(): Promise<Response> {
    try {
      const { text, type } = await this.#collecting
      return new Response(await text(), { headers: { 'content-type': type } })
    } catch (error) {
      if (error instanceof LifelineError) throw new Refusal(501, error.code, error.message, error.remediation)
      throw error
    }
  }

  close(): void {
    this.#off()
    this.#collecting.then(({ end }) => end()).catch(() => undefined)
  }

  async #collect() {
    const lines = this.#accountViews.lines()
    const register = await import('prom-client').then(
      ({ Registry }) => new Registry(),
      () => undefined,
    )
    // Without prom-client this says so, and what to do about it.
    const end = await collectMetrics(lines, register === undefined ? {} : { register })
    if (register === undefined) return { text: async () => '', type: 'text/plain', end }
    return { text: () => register.metrics(), type: register.contentType, end }
  }
}
