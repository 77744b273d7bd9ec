import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketLink } from '../../../src/rehearsal/fake-whatsapp/websocket.ts'

/** The server's end of a WebSocket, and a client that never says anything but its first word. */
async function linked() {
  const server = createServer()
  const opened = new Promise<WebSocketLink>((resolve) => {
    server.on('upgrade', (request, socket, head) => {
      const link = new WebSocketLink(socket)
      link.accept(request, head, { message: () => undefined, closed: () => undefined })
      resolve(link)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  const got: string[] = []
  client.on('data', (data) => got.push(data.toString('latin1')))
  const key = Buffer.alloc(16).toString('base64')
  client.write(
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  const link = await opened
  link.send(Buffer.from('one'))
  while (!got.join('').includes('one')) await once(client, 'data')
  return { link, client, got }
}

test('a link that is frozen says nothing more, and stays up until it is destroyed', async () => {
  const { link, client, got } = await linked()
  link.freeze()
  link.send(Buffer.from('two'))
  expect(client.closed).toBe(false)
  link.destroy()
  await once(client, 'close')
  expect(got.join('')).not.toContain('two')
})

test('a link that is closed says so and ends, though its client does not answer; after that nothing is sent', async () => {
  const { link, client, got } = await linked()
  link.close()
  link.send(Buffer.from('two'))
  await once(client, 'end')
  expect(got.join('').endsWith('\x88\x02\x03\xe8')).toBe(true)
})
