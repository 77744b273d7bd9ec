import { expect, test } from 'vitest'
import { newerOf, newestVersion, noteVersion } from '../../src/baileys/newest-version.ts'

test.each<[string | undefined, string | undefined, string | undefined]>([
  ['2.3000.7', '2.3000.8', '2.3000.8'],
  ['2.3000.8', '2.3000.7', '2.3000.8'],
  ['2.3000.7', '2.999.8', '2.3000.7'],
  ['2.3000.7', '10.0.0', '10.0.0'],
  ['2.3000.7', '2.3000.7', '2.3000.7'],
  ['0.0.0', undefined, '0.0.0'],
  [undefined, '0.0.0', '0.0.0'],
  ['2.3000.7', 'none', '2.3000.7'],
  ['9.1', '2.3000.7', '2.3000.7'],
  ['9.1.1.1', ' 9.1.1', undefined],
  [undefined, '', undefined],
  [undefined, undefined, undefined],
])('of the versions %s and %s the newer one is %s', (one, other, newer) => {
  expect(newerOf(one, other)).toBe(newer)
})

test('what Baileys itself reports is known, and an older one that a socket reports, or none, changes nothing', () => {
  const known = newestVersion()
  expect(known).toMatch(/^2\.\d{4}\.\d{9,}$/)
  for (const version of ['2.1.1', 'none', String(known)]) noteVersion(version)
  expect(newestVersion()).toBe(known)
})
