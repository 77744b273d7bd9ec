import * as seven from '@whiskeysockets/baileys'
import { session } from '../account.ts'

/** Keys of every type that Baileys has, and of one that it may have one day. */
export const samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'pre-key': { '7': seven.initAuthCreds().noiseKey, '16777215': seven.initAuthCreds().noiseKey },
  session: { '4917.0': session('a'), '4917_1.12': session('b') },
  'sender-key': { '12-34@g.us::4917_1::0': Buffer.from('[]') },
  'sender-key-memory': { '12-34@g.us': { '4917.0': true } },
  'app-state-sync-version': {
    regular: { version: 3, hash: Buffer.alloc(128, 9), indexValueMap: { 'a/b=': { valueMac: Buffer.alloc(32, 4) } } },
  },
  'lid-mapping': { '4917': '99', '99_reverse': '4917' },
  'device-list': { '4917': ['0', '12'] },
  tctoken: { '99@lid': { token: Buffer.from('token'), timestamp: '1' } },
  'identity-key': { '4917.0': Buffer.alloc(33, 5) },
  'a-future-type': { 'x/y:z': { deep: [1, null, { bytes: new Uint8Array([1, 2]) }] } },
}
