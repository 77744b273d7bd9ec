import { beforeEach, expect, test, vi } from 'vitest'

/** As in a process of its own, in which no socket has reported anything yet. */
let fresh: typeof import('../../src/baileys/newest-version.ts')
beforeEach(async () => {
  vi.resetModules()
  fresh = await import('../../src/baileys/newest-version.ts')
})

test('the newest version is that of Baileys itself, until a socket reports a newer one', () => {
  const own = fresh.newestVersion()
  expect(own).toMatch(/^2\.\d+\.\d+$/)
  for (const older of ['2.1.1', '1.9999.9999999999', `${own}`]) {
    fresh.noteVersion(older)
    expect(fresh.newestVersion()).toBe(own)
  }
  const known: unknown[] = []
  for (const version of ['9.5.5', '9.5.4', '9.4.9', '8.9.9', '9.5.6', '9.6.0', '10.0.0', '9.9.9']) {
    fresh.noteVersion(version)
    known.push(fresh.newestVersion())
  }
  expect(known).toEqual(['9.5.5', '9.5.5', '9.5.5', '9.5.5', '9.5.6', '9.6.0', '10.0.0', '10.0.0'])
})

test.each(['', 'none', '9.1', '9.1.1.1', '9.1.x', ' 9.1.1'])('what is no version is not noted: %j', (text) => {
  const own = fresh.newestVersion()
  fresh.noteVersion(text)
  expect(fresh.newestVersion()).toBe(own)
})
