import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { listening } from './lines.ts'

/** A binary frame as a server sends it; up to 65,535 bytes. */
export function frame(bytes: Uint8Array): Buffer {
  const length = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from([0x82, ...length]), bytes])
}

/**
 * A server that accepts every upgrade, and then does with the raw connection what the test wants: nothing, unless told.
 */
export async function webSocketServer(accepted: (socket: Duplex) => void = () => undefined) {
  const http = createServer()
  http.on('upgrade', (request, socket) => {
    const proof = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`,
    )
    socket.on('data', (data) => endsInClose(data) && socket.end(Buffer.from([0x88, 0])))
    accepted(socket)
  })
  return listening(http)
}

/** An empty close frame of a client stands last: v7 waits for the answer to it before it tells the close. */
function endsInClose(data: Buffer): boolean {
  return data.at(-6) === 0x88 && data.at(-5) === 0x80
}
