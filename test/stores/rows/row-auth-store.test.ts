import { join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createLifeline } from '../../../src/index.ts'
import { faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { folderLock, rowAuthStore } from '../../../src/stores/rows/index.ts'
import { World } from '../../line/world.ts'
import { freshFolder } from '../account.ts'
import { Memory, MemoryRows, SlowRows } from '../memory-rows.ts'

const connect = () => {
  throw new Error('nobody connects here')
}

describe('a store on rows of the owner’s own'.replace('’', "'"), () => {
  test('refuses the state that Baileys is given, and says what it lacks and ten lines that have it', async () => {
    const { state, saveCreds } = await useMultiFileAuthState(await freshFolder())
    const said = { code: 'OPTIONS_INVALID', message: expect.stringContaining('cannot list what it keeps') }
    for (const auth of [state, { state, saveCreds }]) {
      expect(() => createLifeline({ auth: auth as never, connect })).toThrow(expect.objectContaining(said))
      expect(() => rowAuthStore({ rows: auth as never })).toThrow(
        expect.objectContaining({ ...said, remediation: expect.stringContaining('rowAuthStore({ rows })') }),
      )
    }
  })

  test('refuses rows with a method missing, and a lock that is none', () => {
    const { read, names, commit, claim, close } = MemoryRows.prototype
    const rows = { read, names, commit, claim, close }
    expect(() => rowAuthStore({ rows: rows as never })).toThrow('have no reading.')
    const lock = { acquire: () => undefined }
    expect(() => rowAuthStore({ rows: new MemoryRows(new Memory()), lock: lock as never })).toThrow('lock')
    for (const none of [null, undefined, 7, 'rows'])
      expect(() => rowAuthStore({ rows: none as never }), String(none)).toThrow(
        'have no read, names, commit, claim, reading, close.',
      )
    for (const none of [null, 7])
      expect(() => rowAuthStore({ rows: new MemoryRows(new Memory()), lock: none as never })).toThrow('lock')
  })

  test('has one owner in a process without a lock, and the newest of two processes writes', async () => {
    const memory = new Memory()
    const rows = new MemoryRows(memory)
    const [first, second] = [rowAuthStore({ rows }), rowAuthStore({ rows })]
    await first.acquire()
    await expect(second.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    expect(await first.owned()).toBe(true)
    const elsewhere = rowAuthStore({ rows: new MemoryRows(memory) })
    await elsewhere.acquire()
    expect(await first.owned()).toBe(false)
    await expect(first.writeFacts({})).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await elsewhere.writeFacts({})
    await first.release()
    await second.acquire()
    for (const store of [second, elsewhere]) await store.release()
  })

  test('lets go of its lock, then of its rows, and has done both once its release is over', async () => {
    const order: string[] = []
    const lock = {
      held: false,
      acquire: async () => {
        lock.held = true
      },
      owned: async () => lock.held,
      release: async () => {
        await new Promise(setImmediate)
        lock.held = false
        order.push('lock')
      },
    }
    const rows = Object.assign(new MemoryRows(new Memory()), { close: async () => void order.push('rows') })
    const store = rowAuthStore({ rows, lock })
    await store.acquire()
    await store.release()
    expect(order).toEqual(['lock', 'rows'])
  })

  test('without a lock lets another store of the same rows know that it is no owner, and itself once it let go', async () => {
    const rows = new MemoryRows(new Memory())
    const [first, second] = [rowAuthStore({ rows }), rowAuthStore({ rows })]
    await first.acquire()
    expect([await first.owned(), await second.owned()]).toEqual([true, false])
    await first.release()
    await expect(first.writeFacts({})).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_OWNED' })
    await second.acquire()
    expect([await first.owned(), await second.owned()]).toEqual([false, true])
    await second.release()
    const lock = folderLock(await freshFolder())
    expect('declared' in rowAuthStore({ rows })).toBe(true)
    expect('declared' in rowAuthStore({ rows, lock })).toBe(false)
  })

  test('says that the folder of its lock cannot be made, where its parent is missing', async () => {
    const lock = folderLock(join(await freshFolder(), 'below', 'nothing'))
    const store = rowAuthStore({ rows: new MemoryRows(new Memory()), lock, location: 'the rows' })
    await expect(store.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'ENOENT' })
    expect(lock.held).toBe(false)
  })

  test('is let go of once its rows are closed, writes nothing for nothing, and asks for no row of a foreign name', async () => {
    const memory = new Memory()
    const rows = new SlowRows(memory)
    const store = rowAuthStore({ rows })
    await store.acquire()
    const opening = await store.open({ mint: true })
    await opening.saveCreds()
    const commit = vi.spyOn(rows, 'commit')
    await opening.state.keys.set({})
    await opening.state.keys.set({ session: {} })
    expect(commit).not.toHaveBeenCalled()
    await opening.fence()
    const read = vi.spyOn(rows, 'read')
    await expect(store.restore('../account/creds.json')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
    expect(read).not.toHaveBeenCalled()
    await store.release()
    await expect(rows.commit([])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  })

  test('has one owner across processes with a lock in a folder', async () => {
    const memory = new Memory()
    const folder = await freshFolder()
    const store = () => rowAuthStore({ rows: new MemoryRows(memory), lock: folderLock(join(folder)) })
    const [first, second] = [store(), store()]
    await first.acquire()
    await expect(second.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: { pid: process.pid } })
    await first.release()
    await second.acquire()
    await second.release()
  })
})

describe('a line on rows', () => {
  let world: World | undefined
  beforeAll(async () => {
    world = await World.open()
  })
  afterAll(() => world?.close())

  test('is linked, survives its process, and says after a 440 that nothing tells its own processes apart', async () => {
    if (!world) throw new Error('no world')
    const memory = new Memory()
    const store = () => rowAuthStore({ rows: new MemoryRows(memory), location: 'the rows' })
    const policy = { conflict: { retryMinMs: 8_000, retryMaxMs: 8_000 } }
    const first = world.newcomer({ store: store() })
    await first.start()
    await world.scan(first)
    await first.until('healthy')
    await first.line.stop()
    const again = world.newcomer({ store: store(), policy })
    await again.start()
    await again.until('healthy')
    expect(again.codes).toEqual([])
    world.server.now(faults.replaced)
    const { remediation } = await again.until('reconnecting')
    expect(remediation).toContain('Nothing tells your own processes apart on the rows')
  })
})
