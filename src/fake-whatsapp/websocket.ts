import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const BINARY = 0x2
const CLOSE = 0x8
const PING = 0x9
const PONG = 0xa

interface Handlers {
  message(data: Buffer): void
  closed(): void
}

/**
 * The server's end of one WebSocket, on the raw socket: a fake server has to be able to stop reading, to stop answering,
 * or to vanish without a close frame, and libraries are made to prevent that.
 */
export class WebSocketLink {
  readonly #socket: Duplex
  #handlers: Handlers | undefined
  #unread: Buffer = Buffer.alloc(0)
  #fragments: Buffer[] = []
  #frozen = false
  #closed = false

  constructor(socket: Duplex) {
    this.#socket = socket
  }

  /** Answers the upgrade; whatever arrives from then on goes to `handlers`. */
  accept(request: IncomingMessage, head: Buffer, handlers: Handlers): void {
    this.#handlers = handlers
    const key = request.headers['sec-websocket-key'] ?? ''
    const proof = createHash('sha1')
      .update(key + HANDSHAKE_GUID)
      .digest('base64')
    this.#socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`,
    )
    this.#socket.on('data', (data) => this.#read(data))
    this.#socket.on('close', () => this.#ended())
    this.#socket.on('end', () => this.#socket.end())
    if (head.length > 0) this.#read(head)
  }

  get open(): boolean {
    return !this.#closed
  }

  send(data: Buffer): void {
    this.#write(BINARY, data)
  }

  /** Ends the connection with a close frame, as a server does that means it. */
  close(): void {
    if (this.#frozen) {
      this.destroy()
      return
    }
    this.#write(CLOSE, Buffer.from([0x03, 0xe8]))
    this.#socket.end()
  }

  /** Ends the connection without a word: the client sees its socket break. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Half-open: nothing is read, nothing is written, and the TCP connection stays up. */
  freeze(): void {
    this.#frozen = true
    this.#socket.pause()
  }

  #ended(): void {
    if (this.#closed) return
    this.#closed = true
    this.#handlers?.closed()
  }

  #write(opcode: number, payload: Buffer): void {
    if (this.#frozen || this.#closed || !this.#socket.writable) return
    this.#socket.write(Buffer.concat([frameHeader(opcode, payload.length), payload]))
  }

  #read(data: Buffer): void {
    if (this.#frozen) return
    this.#unread = Buffer.concat([this.#unread, data])
    for (let frame = takeFrame(this.#unread); frame; frame = takeFrame(this.#unread)) {
      this.#unread = this.#unread.subarray(frame.size)
      this.#handle(frame)
    }
  }

  #handle({ opcode, final, payload }: Frame): void {
    if (opcode === PING) this.#write(PONG, payload)
    else if (opcode === CLOSE) {
      this.#write(CLOSE, payload)
      this.#socket.end()
    } else if (opcode !== PONG) {
      this.#fragments.push(payload)
      if (!final) return
      const whole = Buffer.concat(this.#fragments)
      this.#fragments = []
      this.#handlers?.message(whole)
    }
  }
}

interface Frame {
  opcode: number
  final: boolean
  payload: Buffer
  /** Bytes that the frame took, header and all. */
  size: number
}

function takeFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined
  const first = bytes.readUInt8(0)
  const second = bytes.readUInt8(1)
  let length = second & 0x7f
  let at = 2
  if (length === 126) {
    if (bytes.length < 4) return undefined
    length = bytes.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (bytes.length < 10) return undefined
    length = Number(bytes.readBigUInt64BE(2))
    at = 10
  }
  const masked = (second & 0x80) !== 0
  const mask = masked ? bytes.subarray(at, at + 4) : Buffer.alloc(4)
  if (masked) at += 4
  if (bytes.length < at + length) return undefined
  const payload = Buffer.from(bytes.subarray(at, at + length))
  if (masked) for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0)
  return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload, size: at + length }
}

function frameHeader(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length])
  if (length < 65_536) return Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff])
  const header = Buffer.alloc(10)
  header.writeUInt8(0x80 | opcode, 0)
  header.writeUInt8(127, 1)
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}
