import type { makeWASocket as makeV7 } from '@whiskeysockets/baileys'
import type { makeWASocket as makeV6 } from 'baileys-6'
import { describe, expect, test } from 'vitest'
import { type BaileysSocket, isBaileysSocket } from '../../src/baileys/socket.ts'
import { closedPort, lines } from './lines.ts'

test('the sockets of both lines fit the type, which the compiler checks', () => {
  const v7 = (sock: ReturnType<typeof makeV7>): BaileysSocket => sock
  const v6 = (sock: ReturnType<typeof makeV6>): BaileysSocket => sock
  expect([v7, v6]).toHaveLength(2)
})

describe.each(lines)('what makeWASocket of $line returns', ({ connect }) => {
  test('is a socket', async () => {
    const { sock, closed } = connect({ url: await closedPort() })
    expect(isBaileysSocket(sock)).toBe(true)
    await closed
  })
})

test.each([
  [undefined],
  [null],
  ['socket'],
  [{}],
  [{ ev: {}, ws: {}, end: () => 1 }],
  [
    new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
      },
    ),
  ],
])('anything else is none: %#', (value) => {
  expect(isBaileysSocket(value)).toBe(false)
})
