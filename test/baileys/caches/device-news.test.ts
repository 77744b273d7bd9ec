import { expect, test } from 'vitest'
import { type DeviceNews, deviceNewsIn, usersOf } from '../../../src/baileys/caches/device-news.ts'

const node = (tag: string, attrs: object, content?: unknown) => ({ tag, attrs, content })
const own = ['491:3@s.whatsapp.net', undefined, '77:3@lid']
const named = (jid: string) => node('device', { jid })
const anna = { from: '492@s.whatsapp.net', lid: '88@lid' }

test.each<readonly [string, unknown, DeviceNews | undefined]>([
  [
    'a device more, by every name and each device',
    node('notification', { type: 'devices', ...anna }, [
      node('add', { jid: '492@s.whatsapp.net' }, [named('492:5@s.whatsapp.net'), named('88:5@lid')]),
    ]),
    { users: ['492', '88'], named: ['492', '88'] },
  ],
  [
    'a change that names no device',
    node('notification', { type: 'devices', from: '88@lid', sender_pn: '492@s.whatsapp.net' }, [node('update', {})]),
    { users: ['88', '492'], named: [] },
  ],
  [
    'a list with nothing in it',
    node('notification', { type: 'devices', sender_lid: '88@lid' }),
    { users: ['88'], named: [] },
  ],
  [
    'devices of its own',
    node('notification', { type: 'account_sync', ...anna }, [node('devices', {})]),
    { users: ['491', '77'], named: [] },
  ],
  [
    'something else of its own',
    node('notification', { type: 'account_sync', ...anna }, [node('privacy', {})]),
    undefined,
  ],
  ['keys of a contact', node('notification', { type: 'encrypt', ...anna }, [node('identity', {})]), undefined],
  [
    'a group',
    node('notification', { type: 'w:gp2', from: '1-2@g.us' }, [node('add', {}, [named('492@lid')])]),
    undefined,
  ],
  ['nothing at all', undefined, undefined],
])('what a notification says of devices: %s', (_, told, news) => {
  expect(deviceNewsIn(told, own)).toEqual(news)
})

test('the users of jids are told apart from whatever else stands among them', () => {
  expect(usersOf(['492:5@s.whatsapp.net', 7, undefined, 'nobody', '88_1:2@lid'])).toEqual(['492', '88'])
})
