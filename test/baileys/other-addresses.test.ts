import { expect, test } from 'vitest'
import { addressesOf } from '../../src/baileys/other-addresses.ts'

const me = { id: '491:1@s.whatsapp.net', lid: '77:1@lid' }

interface Known {
  readonly alts?: Readonly<Record<string, string>>
  readonly me?: { readonly id: string; readonly lid?: string | undefined }
  /** What the mappings of numbers and LIDs hold. */
  readonly mapped?: Readonly<Record<string, unknown>>
}

const addresses = (jid: string, { mapped, ...known }: Known) => {
  const get = async (type: string, [id = '']: string[]) => {
    if (!mapped) throw new Error('the store cannot be read')
    return type === 'lid-mapping' ? { [id]: mapped[id] } : {}
  }
  return addressesOf(jid, { get }, { alt: (of) => known.alts?.[of], me: () => known.me })
}

test.each<[string, string, Known, readonly string[]]>([
  ['a number alone', '492:3@s.whatsapp.net', { me, mapped: {} }, ['492.3']],
  ['a number with a mapping', '492:3@s.whatsapp.net', { me, mapped: { 492: '88' } }, ['492.3', '88_1.3', '88.3']],
  ['a LID alone', '88:3@lid', { me, mapped: { 88: '493' } }, ['88_1.3', '88.3']],
  ['a LID with a mapping', '88@lid', { me, mapped: { '88_reverse': '492' } }, ['88_1.0', '88.0', '492.0']],
  ['a hosted number', '492:99@hosted', { me, mapped: { 492: '88' } }, ['492_128.99', '88_1.99', '88.99']],
  ['a hosted LID', '88:99@hosted.lid', { me, mapped: { '88_reverse': '492' } }, ['88_129.99', '492.99']],
  [
    'one that its message names',
    '492@s.whatsapp.net',
    { alts: { '492@s.whatsapp.net': '88@lid' } },
    ['492.0', '88_1.0', '88.0'],
  ],
  [
    'one that its message names in no words that are known',
    '492@s.whatsapp.net',
    { alts: { '492@s.whatsapp.net': 'x' } },
    ['492.0'],
  ],
  ['a device of the account', '491:2@s.whatsapp.net', { me, mapped: {} }, ['491.2', '77_1.2', '77.2']],
  ['one by its LID', '77@lid', { me, mapped: {} }, ['77_1.0', '77.0', '491.0']],
  ['one whose LID is not known', '491:2@s.whatsapp.net', { me: { id: me.id }, mapped: {} }, ['491.2']],
  ['a mapping to what is no number', '492@s.whatsapp.net', { me, mapped: { 492: '88@lid' } }, ['492.0']],
  ['a mapping of another kind', '492@s.whatsapp.net', { me, mapped: { 492: 88 } }, ['492.0']],
  ['a store that cannot be read', '492@s.whatsapp.net', { me }, ['492.0']],
  ['what is no jid', 'nobody', { me, mapped: { '': '88' } }, []],
])('a session may lie under: %s', async (_, jid, known, expected) => {
  expect(await addresses(jid, known)).toEqual(expected)
})
