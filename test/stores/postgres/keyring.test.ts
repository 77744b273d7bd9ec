import { expect, test } from 'vitest'
import { Keyring } from '../../../src/stores/postgres/keyring.ts'

test('what stands in databases from before is opened, and vouched for, with the same key', () => {
  const ring = new Keyring([{ id: '2026', key: Buffer.alloc(32, 7) }])
  const content = Buffer.from('AAGsx8gcZ5Jr5B/vqjcBsVL/f+4wIUPOc7jvRMcU5C5nwdtNDBtqsIx0', 'base64')
  const place = { account: 'anna', kind: 'own', name: 'facts' } as const
  const tampered: string[] = []
  const opened = ring.open(place, { keyId: '2026', content }, (what) => tampered.push(what))
  expect([Buffer.from(opened).toString(), tampered]).toEqual(['{"budget":5}', []])
  for (const other of [{ account: 'bert' }, { name: 'other' }, { kind: 'session' }] as const) {
    const kept = ring.open({ ...place, ...other }, { keyId: '2026', content }, (what) => tampered.push(what))
    expect(Buffer.from(kept).toString()).not.toContain('budget')
  }
  expect(tampered).toEqual(['unopened', 'unopened', 'unopened'])
  const notary = ring.notary('anna', '2026')
  expect(Buffer.from(notary.sign('text')).toString('base64')).toBe('A39CeNCfoHaKcGXCVSPNZqNUijDDPE06iTYxMVKT1JE=')
  expect(notary.termOf('row').toString(16)).toBe('928814ed63897be7d3683597ea3217d83fb6cc2a9781815885c4fd3f32cdfef')
})

test('a key that is not at hand is named with the account, for one row as for all of them', () => {
  const ring = new Keyring([{ id: '2026', key: Buffer.alloc(32, 7) }])
  const told: string[] = []
  const sealed = { keyId: '2025', content: Buffer.from('x') }
  const missing = expect.objectContaining({
    code: 'AUTH_STORE_KEY',
    message: 'Rows of anna are encrypted with the key 2025, which was not given. Nothing was changed.',
  })
  const place = { account: 'anna', kind: 'own', name: 'facts' }
  expect(() => ring.open(place, sealed, (what) => told.push(what))).toThrow(missing)
  expect(() => ring.notary('anna', '2025')).toThrow(missing)
  expect([told, ring.has('2025'), ring.has('2026')]).toEqual([[], false, true])
})

test('a row opens as it was sealed, wherever its bytes lie, and no longer once one of them is another', () => {
  const ring = new Keyring([{ id: 'k', key: Buffer.alloc(32, 7).toString('base64') }])
  const place = { account: 'anna', kind: 'own', name: 'facts' }
  const { keyId, content } = ring.seal(place, Buffer.from('{"budget":5}'))
  const opened = (bytes: Uint8Array) => {
    const told: string[] = []
    const found = ring.open(place, { keyId, content: bytes }, (what) => told.push(what))
    return [Buffer.from(found).toString('latin1'), ...told]
  }
  const padded = Buffer.concat([Buffer.alloc(5), content, Buffer.alloc(3)])
  expect(opened(padded.subarray(5, 5 + content.length))).toEqual(['{"budget":5}'])
  for (let at = 0; at < content.length; at += 1) {
    const changed = Buffer.from(content)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(opened(changed), `byte ${at}`).toEqual([changed.toString('latin1'), 'unopened'])
  }
})

test('a row that stands plain is what it is without any key, and with one it is told and read as nothing', () => {
  const place = { account: 'anna', kind: 'own', name: 'facts' }
  const content = Buffer.from('{}')
  const opened = (ring: Keyring) => {
    const told: string[] = []
    const found = ring.open(place, { keyId: null, content }, (what) => told.push(what))
    return [Buffer.from(found).equals(content), told]
  }
  const bare = new Keyring()
  expect([bare.current, bare.seal(place, content), opened(bare)]).toEqual([
    ...[null, { keyId: null, content }, [true, []]],
  ])
  expect(opened(new Keyring([{ id: 'k', key: Buffer.alloc(32) }]))).toEqual([false, ['unsealed']])
})
