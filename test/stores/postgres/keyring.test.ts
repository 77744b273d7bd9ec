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
