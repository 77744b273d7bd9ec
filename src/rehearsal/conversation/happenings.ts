/** Waits for what happens: resolves as soon as something has made a condition true. */
export class Happenings {
  #count = 0
  #waiting: { holds(): boolean; resolve(): void }[] = []

  /** How much has happened so far. */
  get count(): number {
    return this.#count
  }

  /** Something has happened: whoever waits looks again. */
  readonly happened = (): void => {
    this.#count += 1
    const due = this.#waiting.filter((one) => one.holds())
    this.#waiting = this.#waiting.filter((one) => !due.includes(one))
    for (const { resolve } of due) resolve()
  }

  /** Whether it came true within that time. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    if (holds()) return true
    let timer: NodeJS.Timeout | undefined
    const waiting = { holds, resolve: (): void => undefined }
    const come = new Promise<void>((resolve) => {
      waiting.resolve = resolve
    })
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs)
    })
    this.#waiting.push(waiting)
    await Promise.race([come, late])
    clearTimeout(timer)
    this.#waiting = this.#waiting.filter((one) => one !== waiting)
    return holds()
  }

  /** Whether it came true before nothing had happened for that long, or the whole time was over. */
  async untilQuiet(holds: () => boolean, quietMs: number, withinMs: number): Promise<boolean> {
    const end = performance.now() + withinMs
    while (!holds() && performance.now() < end) {
      const seen = this.#count
      if (!(await this.until(() => holds() || this.#count > seen, Math.min(quietMs, end - performance.now())))) break
    }
    return holds()
  }
}
