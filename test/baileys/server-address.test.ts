import { expect, test } from 'vitest'
import { type ServerAddress, serverOf } from '../../src/baileys/server-address.ts'

test.each<[string, unknown, ServerAddress | undefined]>([
  ['an address with a port', { url: 'wss://web.whatsapp.com:5222/ws/chat' }, { host: 'web.whatsapp.com', port: 5222 }],
  ['one that is encrypted', { url: new URL('wss://web.whatsapp.com/ws') }, { host: 'web.whatsapp.com', port: 443 }],
  ['one that is not', { url: 'ws://localhost/ws' }, { host: 'localhost', port: 80 }],
  ['one of version 6 of the internet', { url: 'ws://[::1]:81' }, { host: '::1', port: 81 }],
  ['no agent', { url: 'ws://localhost:81', config: { agent: undefined } }, { host: 'localhost', port: 81 }],
  ['a proxy', { url: 'ws://localhost:81', config: { agent: {} } }, undefined],
  ['another protocol', { url: 'https://localhost/' }, undefined],
  ['what is no address', { url: 'localhost' }, undefined],
  ['no address', { config: {} }, undefined],
  ['nothing', undefined, undefined],
])('where the server of a socket with %s answers', (_, ws, address) => {
  expect(serverOf({ ws } as never)).toEqual(address)
})

test('of no socket there is no server', () => {
  expect(serverOf(undefined)).toBeUndefined()
})
