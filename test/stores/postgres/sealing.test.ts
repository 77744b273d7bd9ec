import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { Board, connectPostgres, migrate, postgresAuthStore, reencrypt } from '../../../src/stores/postgres/index.ts'
import { Keyring } from '../../../src/stores/postgres/keyring.ts'
import { link, session } from '../account.ts'
import { emptyDatabase, testDatabase } from './databases.ts'

const at = testDatabase()
const keyOf = (id: string) => ({ id, key: randomBytes(32) })
const [oldKey, newKey] = [keyOf('2025'), keyOf('2026')]

/** All that is in the database, as a dump has it: bytes in hex. */
const dumped = async (): Promise<string> => {
  const { rows: tables } = await at.pool.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'lifeline'`)
  const parts = []
  for (const { tablename } of tables)
    parts.push(
      (await at.pool.query(`SELECT t::text AS line FROM lifeline.${tablename} t`)).rows.map(({ line }) => line),
    )
  return parts.flat().join('\n')
}

/** Every run of bytes in a value that somebody could use. */
const secretsIn = (value: unknown): Buffer[] => {
  if (value instanceof Uint8Array) return value.length >= 16 ? [Buffer.from(value)] : []
  if (typeof value === 'string') return value.length >= 16 ? [Buffer.from(value)] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : []
}

/** Forms in which a secret could stand in a dump: as text within JSON, and all of that as bytes in hex. */
const formsOf = (secret: Buffer): string[] => {
  const texts = [secret.toString('latin1'), secret.toString('base64').replace(/=+$/, ''), secret.toString('hex')]
  return [...texts, ...texts.map((text) => Buffer.from(text, 'latin1').toString('hex'))]
}

const storeOf = (account: string, encryptionKeys: readonly ReturnType<typeof keyOf>[] = []) =>
  postgresAuthStore({ database: at.connect({ encryptionKeys }), account })

const filled = async (account: string, encryptionKeys: readonly ReturnType<typeof keyOf>[] = []) => {
  const store = storeOf(account, encryptionKeys)
  await store.acquire()
  const opening = await store.open({ mint: true })
  link(opening.state.creds)
  const secret = randomBytes(32)
  opening.state.creds.advSecretKey = randomBytes(32).toString('base64')
  await opening.saveCreds()
  const preKey = { public: randomBytes(32), private: randomBytes(32) }
  await opening.state.keys.set({ session: { '491.0': session('a') }, 'pre-key': { '7': preKey } })
  await opening.state.keys.set({ 'sender-key': { g: secret } })
  await opening.fence()
  await store.copyAside({ kind: 'everything' }, 'a copy')
  const staged = await store.openStaging()
  await staged.saveCreds()
  await staged.fence()
  await store.writeFacts({ budget: 5 })
  const { creds } = opening.state
  return {
    store,
    creds,
    secrets: [...secretsIn(creds), ...secretsIn(staged.state.creds), ...secretsIn(preKey), secret],
  }
}

describe('a database dump', () => {
  test('of an encrypted account holds none of its secrets, and of a plain one it would have been found', async () => {
    const sealed = await filled('sealed', [newKey])
    await new Board(at.connect({ encryptionKeys: [newKey] })).tell('sealed', 1, {
      qr: 'QR-2@secret-reference-of-a-code',
    })
    const dump = await dumped()
    expect(sealed.secrets.length).toBeGreaterThan(15)
    for (const secret of [...sealed.secrets, Buffer.from('QR-2@secret-reference-of-a-code')])
      for (const form of formsOf(secret)) expect(dump.includes(form)).toBe(false)
    expect(dump).not.toMatch(/"?noiseKey|_sessions/)
    for (const { key } of [newKey]) for (const form of formsOf(key)) expect(dump.includes(form)).toBe(false)
    await sealed.store.release()

    const plain = await filled('plain')
    const plainDump = await dumped()
    for (const secret of plain.secrets) expect(formsOf(secret).some((form) => plainDump.includes(form))).toBe(true)
    await plain.store.release()
    await at.pool.query(`DELETE FROM lifeline.item WHERE account = 'plain'`)
  })
})

describe('encryption', () => {
  test('rotates: the new key seals, both open, and after re-encrypting the old one is needed no more', async () => {
    const { store, creds } = await filled('rotated', [oldKey])
    await store.release()
    const both = storeOf('rotated', [newKey, oldKey])
    await both.acquire()
    const { state } = await both.open()
    expect(state.creds.registrationId).toBe(creds.registrationId)
    await state.keys.set({ session: { '492.0': session('b') } })
    const keyIds = async () =>
      (
        await at.pool.query(
          `SELECT DISTINCT key_id FROM lifeline.item WHERE account = 'rotated' AND kind = 'account' ORDER BY 1`,
        )
      ).rows.map(({ key_id }) => key_id)
    expect(await keyIds()).toEqual(['2025', '2026'])

    const done = await reencrypt(at.connect({ encryptionKeys: [newKey, oldKey] }))
    expect(done).toMatchObject({ skipped: 0, damaged: 0 })
    expect(done.rows).toBeGreaterThan(8)
    expect(await reencrypt(at.connect({ encryptionKeys: [newKey] }))).toEqual({
      ...{ rows: 0, skipped: 0, damaged: 0, plain: 0 },
    })
    expect(await keyIds()).toEqual(['2026'])
    // Beside the running owner, who saw none of it.
    expect(await state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
    await both.release()
    expect(await storeOf('rotated', [newKey]).inspect()).toMatchObject({
      linked: true,
      counts: { session: 2, 'pre-key': 1 },
    })
  })

  test('of an account that was stored plain begins once a person says that its rows are from before, and how many is told', async () => {
    const { store, creds } = await filled('late')
    await store.release()
    const sealing = at.connect({ encryptionKeys: [newKey] })
    const { rows: counted } = await at.pool.query(
      'SELECT count(*)::int AS plain FROM lifeline.item WHERE key_id IS NULL',
    )
    const plain = counted[0].plain
    expect(plain).toBeGreaterThan(8)
    expect(await reencrypt(sealing)).toEqual({ rows: 0, skipped: 0, damaged: 0, plain })
    const refused = { code: 'AUTH_STORE_KEY', remediation: expect.stringContaining('--from-plain') }
    const early = storeOf('late', [newKey])
    await early.acquire()
    await expect(early.open({ mint: true })).rejects.toMatchObject(refused)
    await expect(early.inspect()).rejects.toMatchObject(refused)
    await early.release()
    expect(await reencrypt(sealing, { fromPlain: true })).toMatchObject({ rows: plain, skipped: 0, damaged: 0, plain })
    const late = storeOf('late', [newKey])
    await late.acquire()
    expect((await late.open()).state.creds.registrationId).toBe(creds.registrationId)
    await late.release()
    const { rows } = await at.pool.query('SELECT count(*)::int AS plain FROM lifeline.item WHERE key_id IS NULL')
    expect(rows).toEqual([{ plain: 0 }])
    expect(await storeOf('late', [newKey]).quarantined()).toHaveLength(1)
  })

  test('with a key that was not given is an error that names it, never a new identity; nothing is changed', async () => {
    const { store } = await filled('lost', [oldKey])
    await store.release()
    const before = await dumped()
    for (const keys of [[], [newKey]]) {
      const other = storeOf('lost', keys)
      await other.acquire()
      const refused = { code: 'AUTH_STORE_KEY', message: expect.stringContaining('2025') }
      await expect(other.open({ mint: true })).rejects.toMatchObject(refused)
      await expect(other.inspect()).rejects.toMatchObject(refused)
      await other.release()
    }
    const items = (dump: string) => dump.split('\n').filter((line) => line.includes('creds.json'))
    expect(items(await dumped())).toEqual(items(before))
  })

  test.each([
    ['another row of the account', 'moved', 'session-491.0.json', 'session-492.0.json'],
    ['the row of another account', 'other', 'session-491.0.json', 'session-491.0.json'],
  ])('a row that was put in the place of %s does not open', async (_, to, from, name) => {
    const { store } = await filled('moved', [newKey])
    const other = to === 'moved' ? store : (await filled(to, [newKey])).store
    await at.pool.query(
      `INSERT INTO lifeline.item SELECT $1, kind, $2, key_id, content FROM lifeline.item WHERE account = 'moved' AND kind = 'account' AND name = $3
       ON CONFLICT (account, kind, name) DO UPDATE SET content = excluded.content`,
      [to, name, from],
    )
    const id = name.slice('session-'.length, -'.json'.length)
    expect(await (await other.open()).state.keys.get('session', [id])).toEqual({ [id]: null })
    await other.release()
    await store.release()
    expect((await reencrypt(at.connect({ encryptionKeys: [oldKey, newKey] }))).damaged).toBe(1)
    await at.pool.query(`DELETE FROM lifeline.item WHERE account = ANY('{moved,other}')`)
  })

  test('creds that were tampered with are unreadable, kept as they are, and give way to the last good generation', async () => {
    const { store, creds } = await filled('tampered', [newKey])
    await at.pool.query(
      `UPDATE lifeline.item SET content = set_byte(content, 40, get_byte(content, 40) # 1) WHERE account = 'tampered' AND name = 'creds.json'`,
    )
    await expect(store.open({ mint: true })).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
    await store.restoreCreds('tampered with')
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
    await store.release()
  })

  test('never gives the same bytes twice', () => {
    const keyring = new Keyring([newKey])
    const place = { account: 'a', kind: 'account', name: 'creds.json' }
    const seals = Array.from({ length: 100 }, () =>
      Buffer.from(keyring.seal(place, Buffer.from('x')).content).toString('hex'),
    )
    expect(new Set(seals).size).toBe(100)
  })
})

describe('the schema', () => {
  test('is made once by any number at once, and again by none', async () => {
    const url = await emptyDatabase()
    const databases = Array.from({ length: 6 }, () => connectPostgres({ connectionString: url }))
    const made = await Promise.all(databases.map(migrate))
    expect(made.filter(({ from }) => from === 0)).toHaveLength(1)
    expect(made.every(({ to }) => to === 2)).toBe(true)
    for (const database of databases) await database.end()
  })

  test('that is missing, or too new for this code, is named with what to do; nothing is made', async () => {
    const url = await emptyDatabase()
    const database = connectPostgres({ connectionString: url })
    const store = postgresAuthStore({ database, account: 'a' })
    const missing = { code: 'AUTH_STORE_SCHEMA', remediation: expect.stringContaining('lifeline db migrate') }
    await expect(store.acquire()).rejects.toMatchObject(missing)
    await expect(store.inspect()).rejects.toMatchObject(missing)
    await migrate(database)
    await store.acquire()
    await store.release()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query('UPDATE lifeline.version SET version = 9, oldest = 9')
    await client.end()
    const later = postgresAuthStore({ connectionString: url, account: 'a' })
    const refused = { code: 'AUTH_STORE_SCHEMA', remediation: 'Update baileys-lifeline on this host.' }
    await expect(later.acquire()).rejects.toMatchObject(refused)
    const newer = connectPostgres({ connectionString: url })
    const board = new Board(newer)
    for (const step of [() => reencrypt(newer), () => board.hosts(), () => board.accounts()])
      await expect(step()).rejects.toMatchObject(refused)
    for (const one of [database, newer]) await one.end()
  })

  test('may stand beside others under another name', async () => {
    const database = at.connect({ schema: 'second' })
    expect(await migrate(database)).toEqual({ from: 0, to: 2 })
    const store = postgresAuthStore({ database, account: 'sealed' })
    expect((await store.inspect()).creds.kind).toBe('absent')
  })
})
