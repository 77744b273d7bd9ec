import type { Message } from '../wire.ts'

const origin = 'https://stately.ai'
const page = `${origin}/inspect`

/**
 * Stately's own inspector in a window of its own: it says that it is there, and is then told everything, from the
 * actors on.
 */
export class StatelyWindow {
  readonly #missed: () => Iterable<Message>
  #window: Window | null = null
  #connected = false

  constructor(missed: () => Iterable<Message>) {
    this.#missed = missed
    addEventListener('message', ({ data, origin: from, source }) => {
      if (from !== origin || source !== this.#window || data?.type !== '@statelyai.connected') return
      this.#connected = true
      for (const message of this.#missed()) this.#post(message)
    })
  }

  open(): void {
    this.#connected = false
    this.#window = window.open(page, 'xstateinspector')
  }

  tell(message: Message): void {
    if (this.#connected) this.#post(message)
  }

  #post(message: Message): void {
    this.#window?.postMessage(message, origin)
  }
}
