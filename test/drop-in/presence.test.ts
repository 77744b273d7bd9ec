import { expect, test } from 'vitest'
import { Presence } from '../../src/drop-in/presence.ts'

const lastDisconnect = { error: undefined, date: new Date() }

test('what a socket says of itself concerns gateways but for its end, and for the opening of one that only pairs', () => {
  const presence = new Presence()
  const take = (update: Record<string, unknown>, purpose: 'account' | 'pairing' = 'account') => [
    presence.take(update, purpose),
    presence.update,
  ]
  const connecting = { connection: 'connecting', receivedPendingNotifications: false, qr: undefined }
  const open = { connection: 'open', receivedPendingNotifications: true }
  expect(presence.update).toStrictEqual({ connection: 'connecting' })
  expect(take(connecting, 'pairing')).toEqual([connecting, { connection: 'connecting' }])
  expect(take({ qr: 'one' }, 'pairing')).toEqual([{ qr: 'one' }, { connection: 'connecting', qr: 'one' }])
  const isNewLogin = { isNewLogin: true, qr: undefined }
  expect(take(isNewLogin, 'pairing')).toEqual([isNewLogin, { connection: 'connecting', isNewLogin: true }])
  expect(take({ connection: 'close', lastDisconnect })[0]).toBeUndefined()
  expect(take({ connection: 'close', lastDisconnect, isOnline: true })[0]).toEqual({ isOnline: true })
  expect(take(connecting, 'pairing')).toEqual([connecting, { connection: 'connecting', isNewLogin: true }])
  expect(take({ connection: 'open' }, 'pairing')).toEqual([undefined, { connection: 'connecting', isNewLogin: true }])
  expect(take({ connection: 'open', isOnline: true }, 'pairing')[0]).toEqual({ isOnline: true })
  expect(take({ connection: 'open' })).toEqual([{ connection: 'open' }, { connection: 'open' }])
  expect(take({ receivedPendingNotifications: true })).toEqual([{ receivedPendingNotifications: true }, open])
  expect(take({ isOnline: true })).toEqual([{ isOnline: true }, open])
  expect(take(connecting)).toEqual([connecting, { connection: 'connecting' }])
})

test('a connection that is lost is not open, and a code that is over is on show no more', () => {
  const presence = new Presence()
  presence.take({ connection: 'open' }, 'account')
  presence.take({ receivedPendingNotifications: true }, 'account')
  presence.lost()
  expect(presence.update).toEqual({ connection: 'connecting' })
  presence.take({ qr: 'one' }, 'pairing')
  presence.codeIs('two')
  expect(presence.update).toEqual({ connection: 'connecting', qr: 'one' })
  presence.codeIs(undefined)
  expect(presence.update).toEqual({ connection: 'connecting' })
  presence.take({ qr: 'two' }, 'pairing')
  presence.take({ connection: 'open' }, 'account')
  expect(presence.update).toEqual({ connection: 'open' })
  presence.take({ qr: 'three' }, 'pairing')
  presence.take({ connection: 'connecting' }, 'account')
  expect(presence.update).toEqual({ connection: 'connecting' })
})
