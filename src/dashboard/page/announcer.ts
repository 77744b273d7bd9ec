import { h, say } from './element.ts'

/**
 * Says politely, to those who listen to the page, what those who see it see change. Never the seconds of a countdown.
 */
export class Announcer {
  readonly element = h('p', { role: 'status', 'aria-live': 'polite', class: 'unseen' })
  #due: string[] = []
  #timer: number | undefined

  /** Sentences that come together are read together. */
  say(sentence: string): void {
    if (this.#due.at(-1) !== sentence) this.#due.push(sentence)
    this.#timer ??= window.setTimeout(() => {
      say(this.element, this.#due.slice(-4).join(' '))
      this.#due = []
      this.#timer = undefined
    }, 250)
  }
}
