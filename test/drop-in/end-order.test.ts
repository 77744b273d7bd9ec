import { expect, test } from 'vitest'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { EndOrder } from '../../src/drop-in/end-order.ts'

const after = (end: () => unknown, ended = false): boolean => {
  const order = new EndOrder()
  const socket = { end } as unknown as BaileysSocket
  order.follow(socket)
  if (ended) void socket.end(undefined)
  return order.later
}

test('a Baileys whose end is asynchronous tells the close when that has returned, and is asked first of all', () => {
  expect(new EndOrder().later).toBe(false)
  expect(after(async () => undefined)).toBe(true)
  expect(after(() => undefined)).toBe(false)
})

test('what an end gave back says more than how it is written', () => {
  expect(after(() => Promise.resolve(), true)).toBe(true)
  expect(after(() => undefined, true)).toBe(false)
})
