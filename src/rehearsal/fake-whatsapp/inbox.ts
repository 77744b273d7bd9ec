/** Texts in the order in which they came, and a way to wait for the next. */
export class Inbox {
  readonly texts: string[] = []
  #waiting: ((text: string) => void)[] = []

  add(text: string): void {
    this.texts.push(text)
    for (const resolve of this.#waiting.splice(0)) resolve(text)
  }

  next(): Promise<string> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
