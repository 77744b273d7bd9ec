import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../../machines/index.ts'
import { DiskWatch } from '../../../src/line/services/disk-watch.ts'
import { guardedAuth } from '../../../src/line/services/guarded-auth.ts'
import { trimStored } from '../../../src/stores/trim-stored.ts'
import { link } from '../account.ts'
import { chainsIn, grownSenderKey, grownSession, keptChains } from '../grown-keys.ts'
import { accountsIn, everyKind } from './accounts.ts'

const names = ['session-491.0.json', 'sender-key-1@g.us--491--1.json', 'session-492.0.json']
const unwatched = { tell: () => undefined, report: () => undefined, tryWrite: async () => undefined }

describe.each(everyKind())('keys that have grown, in the $kind store', (kind) => {
  const { opened } = accountsIn(kind)
  const grown = () => ({
    session: { '491.0': grownSession(50), '492.0': grownSession(3) },
    'sender-key': { '1@g.us::491::1': grownSenderKey(50) },
  })

  test('a socket stores them trimmed', async () => {
    const { opening, keys } = await opened()
    const guarded = guardedAuth(opening, new DiskWatch(unwatched), () => undefined, defaultPolicy.trim)
    await guarded.state.keys.set(grown() as never)
    const session = await keys.get('session', ['491.0', '492.0'])
    expect([chainsIn(session['491.0']), chainsIn(session['492.0'])]).toEqual([keptChains, 3])
    const stored = await keys.get('sender-key', ['1@g.us::491::1'])
    expect(String(stored['1@g.us::491::1']).trim()).toBe(
      String(grownSenderKey(0)).replace('"iteration":0', '"iteration":100'),
    )
  })

  test('what is stored already is trimmed on demand, as it was it goes aside, and a second time there is nothing to do', async () => {
    const { store, opening, keys } = await opened()
    link(opening.state.creds)
    await opening.saveCreds()
    await keys.set(grown() as never)
    await opening.close()
    const found = (await store.inspect()).findings.filter(({ code }) => code === 'keys-overgrown')
    expect(found.map(({ file }) => file).sort()).toEqual([...names.slice(0, 2)].sort())
    const entry = await trimStored(store, names, defaultPolicy.trim, 'a test')
    expect(entry?.files.map(({ name }) => name).sort()).toEqual(names.slice(0, 2).sort())
    expect(await trimStored(store, names, defaultPolicy.trim, 'a test')).toBeUndefined()
    expect((await store.inspect()).findings.filter(({ code }) => code === 'keys-overgrown')).toEqual([])
    const again = await store.open()
    expect(chainsIn((await again.state.keys.get('session', ['491.0']))['491.0'])).toBe(keptChains)
    await again.close()
    await store.restore(entry?.id ?? '', { force: true })
    const restored = await store.open()
    expect(chainsIn((await restored.state.keys.get('session', ['491.0']))['491.0'])).toBe(50)
  })
})
