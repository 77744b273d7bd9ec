/**
 * So many wrong secrets of one address are answered as wrong within the time, the next ones are told to wait. A right
 * one is let in all the same: a token has 256 bits, so nobody comes near it by trying.
 */
const mostTries = 10
const windowMs = 60_000
/** Addresses remembered, so that a flood from many does not fill the memory. */
const mostAddresses = 10_000

/** An IPv6 customer has a whole /64, so that counts as one. */
function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.toLowerCase().split('::')
  const [groups, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]]
  return [...groups, ...Array(Math.max(0, 8 - groups.length - after.length)).fill('0'), ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/** Counts wrong tokens and links for each remote address. */
export class WrongTries {
  readonly #tries = new Map<string, { count: number; readonly until: number }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#tries.size
  }

  /** How long the address of one more wrong secret is told to wait; 0 if it need not. */
  waitMs(address: string): number {
    const tries = this.#tries.get(sourceOf(address))
    return tries && tries.count >= mostTries ? Math.max(0, tries.until - this.#now()) : 0
  }

  add(address: string): void {
    const source = sourceOf(address)
    const now = this.#now()
    const tries = this.#tries.get(source)
    if (tries && tries.until > now) {
      tries.count += 1
      return
    }
    this.#tries.delete(source)
    this.#tries.set(source, { count: 1, until: now + windowMs })
    const [oldest] = this.#tries.keys()
    if (this.#tries.size > mostAddresses && oldest !== undefined) this.#tries.delete(oldest)
  }
}
