import { HEADER_LENGTH, isHeader } from './protocol.ts'

const ROUTING_MARK = 'ED'
const ROUTING_HEADER = 7

/** Cuts the byte stream of one client into frames: an intro once, then 3 bytes of length before each frame. */
export class FrameReader {
  #unread: Buffer = Buffer.alloc(0)
  #header: Buffer | undefined

  /** With which the client began; empty before that has come. */
  get header(): Buffer {
    return this.#header ?? Buffer.alloc(0)
  }

  push(data: Buffer): Buffer[] {
    this.#unread = Buffer.concat([this.#unread, data])
    if (!this.#header && !this.#takeIntro()) return []
    const frames: Buffer[] = []
    while (this.#unread.length >= 3) {
      const length = this.#unread.readUIntBE(0, 3)
      if (this.#unread.length < 3 + length) break
      frames.push(this.#unread.subarray(3, 3 + length))
      this.#unread = this.#unread.subarray(3 + length)
    }
    return frames
  }

  /** The intro is WhatsApp's header; a client that was given routing info puts that, with its own header, before it. */
  #takeIntro(): boolean {
    let skip = 0
    if (this.#unread.subarray(0, 2).toString() === ROUTING_MARK) {
      if (this.#unread.length < ROUTING_HEADER) return false
      skip = ROUTING_HEADER + this.#unread.readUIntBE(4, 3)
    }
    const end = skip + HEADER_LENGTH
    if (this.#unread.length < end) return false
    const header = this.#unread.subarray(skip, end)
    if (!isHeader(header)) throw new Error('The intro is not WhatsApp’s.')
    this.#unread = this.#unread.subarray(end)
    this.#header = Buffer.from(header)
    return true
  }
}

/** One frame as it goes over the wire. */
export function frame(content: Buffer): Buffer {
  const length = Buffer.alloc(3)
  length.writeUIntBE(content.length, 0, 3)
  return Buffer.concat([length, content])
}
