import type { AccountView, HostView } from '../wire.ts'

/** How old what is known of an account is. */
export interface Known {
  /** Too old to be taken for how it is now. */
  readonly stale: boolean
  /** When it was last heard of, by the gateway's clock, epoch milliseconds. */
  readonly heardAt: number
  /** Who went silent: this page's own gateway, or the host that runs the account. */
  readonly silent?: 'gateway' | 'host'
}

/** What is older than this is not shown as true. */
const freshMs = 10_000
/** It is looked at so often, and what would become too old before the next look is old now. */
const lookMs = 1_000

/** When the gateway and each host were heard last. */
export class Knowledge {
  #heardAt = Number.NEGATIVE_INFINITY
  #hosts = new Map<string, number>()

  get hosts(): readonly HostView[] {
    return [...this.#hosts].map(([host, heardAt]) => ({ host, heardAt }))
  }

  /** An event came over the stream. */
  heard({ at, hosts }: { readonly at: number; readonly hosts?: readonly HostView[] }): void {
    this.#heardAt = at
    if (hosts) this.#hosts = new Map(hosts.map(({ host, heardAt }) => [host, heardAt]))
  }

  of({ host }: Pick<AccountView, 'host'>, now: number): Known {
    if (isOld(this.#heardAt, now)) return { stale: true, heardAt: this.#heardAt, silent: 'gateway' }
    const heardAt = host === undefined || this.#hosts.size === 0 ? this.#heardAt : this.#hosts.get(host)
    if (heardAt === undefined) return { stale: true, heardAt: this.#heardAt, silent: 'host' }
    return isOld(heardAt, now) ? { stale: true, heardAt, silent: 'host' } : { stale: false, heardAt }
  }

  /** Changes whenever somebody went silent, or was heard again. */
  silence(now: number): string {
    if (isOld(this.#heardAt, now)) return 'gateway'
    return JSON.stringify(this.hosts.filter(({ heardAt }) => isOld(heardAt, now)).map(({ host }) => host))
  }
}

const isOld = (heardAt: number, now: number): boolean => now - heardAt > freshMs - lookMs
