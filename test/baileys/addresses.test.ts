import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { jidOfAddress } from '../../src/baileys/address-jid.ts'
import { addressLine, isMappable, mappedAddress, parseJid, signalAddress } from '../../src/baileys/signal-address.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'

test.each([
  ['4917:3@s.whatsapp.net', '4917.3', '4917.3'],
  ['4917@s.whatsapp.net', '4917.0', '4917.0'],
  ['123:4@lid', '123.4', '123_1.4'],
  ['123:4@hosted', '123.4', '123_128.4'],
  ['123@hosted.lid', '123.0', '123_129.0'],
  ['4917_2:5@s.whatsapp.net', '4917.5', '4917_2.5'],
  ['no jid', 'no jid', 'no jid'],
  ['@lid', '@lid', '@lid'],
])('the session of %s is that of %s in v6 and of %s in v7', (jid, v6, v7) => {
  expect([signalAddress(jid, 'v6'), signalAddress(jid, 'v7')]).toEqual([v6, v7])
  expect(signalAddress(jid, 'v7', '9')).toBe(v7.replace(/\.\d+$/, '.9'))
})

const device = fc.nat({ max: 99 })
const user = fc.stringMatching(/^[1-9]\d{4,14}$/)

property.prop([user, device, fc.constantFrom('s.whatsapp.net', 'lid', 'hosted', 'hosted.lid')])(
  'in v7 the address of a device leads back to its jid',
  (name, number, server) => {
    const jid = number === 0 ? `${name}@${server}` : `${name}:${number}@${server}`
    expect(jidOfAddress(signalAddress(jid, 'v7'), 'v7')).toBe(jid)
    expect(parseJid(jid)).toEqual({ user: name, agent: '0', device: number, server })
  },
)

test('an address that is none, or of a kind that is not known, has no jid; v6 knows phone numbers alone', () => {
  for (const none of ['', '4917', 'a.0', '4917.0.1', '4917_.0']) expect(jidOfAddress(none, 'v7'), none).toBeUndefined()
  expect(jidOfAddress('4917_7.0', 'v7')).toBeUndefined()
  expect(['4917.2', '4917_1.0'].map((one) => jidOfAddress(one, 'v6'))).toEqual([
    '4917:2@s.whatsapp.net',
    '4917@s.whatsapp.net',
  ])
})

test('version 7 is known by the mapping of its repository', () => {
  const line = (signalRepository?: object) => addressLine({ signalRepository } as never)
  expect([line({ lidMapping: {} }), line({}), line()]).toEqual(['v7', 'v6', 'v6'])
})

/** A socket whose mapping of numbers to LIDs is this, or cannot be read. */
const mapping = (known: Readonly<Record<string, unknown>> | Error) =>
  ({
    authState: {
      keys: {
        get: async () => {
          if (known instanceof Error) throw known
          return known
        },
      },
    },
  }) as unknown as Pick<BaileysSocket, 'authState'>

test('a number is looked for under its LID once the mapping is known, with its device and as hosted as it is', async () => {
  const known = mapping({ '4917': '99' })
  expect(await mappedAddress(known, '4917:3@s.whatsapp.net')).toBe('99_1.3')
  expect(await mappedAddress(known, '4917@hosted')).toBe('99_129.0')
  expect(await mappedAddress(known, '4918@s.whatsapp.net')).toBe('4918.0')
  expect(await mappedAddress(known, 'no jid')).toBe('no jid')
  expect(await mappedAddress(mapping({ '4917': '' }), '4917@s.whatsapp.net')).toBe('4917.0')
  expect(await mappedAddress(mapping(new Error('torn')), '4917@s.whatsapp.net')).toBe('4917.0')
  expect(['4917@s.whatsapp.net', '4917@hosted', '99@lid', 'x'].map(isMappable)).toEqual([true, true, false, false])
})
