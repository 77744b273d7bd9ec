import type { StateValueFrom } from 'xstate'
import type { connectionMachine } from '../../machines/index.ts'
import type { BrittleStore } from './brittle-store.ts'
import type { Gateway } from './gateway.ts'

/** `awaitingQr.waiting.closing`, from the value of the statechart. */
const placeOf = (value: StateValueFrom<typeof connectionMachine>): string => {
  if (typeof value === 'string') return value
  const [[key, inner] = ['', '']] = Object.entries(value)
  return `${key}.${placeOf(inner as never)}`
}

/** A gateway on a store that can be made to fail, with every place in the statechart that it passed. */
export class Walker {
  readonly gateway: Gateway
  readonly brittle: BrittleStore
  readonly places: string[] = []
  readonly #on: { readonly place: string; readonly act: () => void }[] = []

  constructor(gateway: Gateway, brittle: BrittleStore) {
    this.gateway = gateway
    this.brittle = brittle
  }

  async up(): Promise<this> {
    await this.gateway.start()
    this.gateway.line.actor?.subscribe(({ value }) => {
      const place = placeOf(value)
      if (this.places.at(-1) === place) return
      this.places.push(place)
      for (const one of this.#on.filter((on) => place.startsWith(on.place))) {
        this.#on.splice(this.#on.indexOf(one), 1)
        one.act()
      }
      this.gateway.look()
    })
    await this.gateway.until(() => this.gateway.state === 'healthy' && this.gateway.drained)
    this.places.length = 0
    return this
  }

  /** At the moment at which that place is entered next. */
  at(place: string, act: () => void): void {
    this.#on.push({ place, act })
  }

  /** Until that place has been passed. */
  async through(place: string): Promise<void> {
    await this.gateway.until(() => this.places.some((one) => one.startsWith(place)))
  }

  get stands(): string {
    return this.places.at(-1) ?? ''
  }

  send(event: Parameters<NonNullable<Gateway['line']['actor']>['send']>[0]): void {
    this.gateway.line.actor?.send(event)
  }
}
