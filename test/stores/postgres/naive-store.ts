import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys'

interface Pool {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

/**
 * What is usually written first: one row per key, one upsert for each, one question for each. It knows no owner, no
 * transaction and no encryption.
 */
async function naiveStore(pool: Pool, account: string) {
  await pool.query(
    'CREATE TABLE IF NOT EXISTS naive (account text, name text, value text NOT NULL, PRIMARY KEY (account, name))',
  )
  const write = (name: string, value: unknown) =>
    pool.query(
      'INSERT INTO naive VALUES ($1, $2, $3) ON CONFLICT (account, name) DO UPDATE SET value = excluded.value',
      [account, name, JSON.stringify(value, BufferJSON.replacer)],
    )
  const read = async (name: string): Promise<unknown> => {
    const { rows } = await pool.query('SELECT value FROM naive WHERE account = $1 AND name = $2', [account, name])
    return rows[0] ? JSON.parse(String(rows[0].value), BufferJSON.reviver) : null
  }
  const remove = (name: string) => pool.query('DELETE FROM naive WHERE account = $1 AND name = $2', [account, name])
  const stored = await read('creds')
  const creds = (stored ?? initAuthCreds()) as AuthenticationState['creds']
  const state: AuthenticationState = {
    creds,
    keys: {
      get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
        const entries = ids.map(async (id) => {
          const value = await read(`${type}-${id}`)
          return [id, type === 'app-state-sync-key' && value ? revived(value) : value]
        })
        return Object.fromEntries(await Promise.all(entries)) as { [id: string]: SignalDataTypeMap[T] }
      },
      set: async (data: SignalDataSet) => {
        const writes = Object.entries(data).flatMap(([type, values]) =>
          Object.entries(values ?? {}).map(([id, value]) =>
            value ? write(`${type}-${id}`, value) : remove(`${type}-${id}`),
          ),
        )
        await Promise.all(writes)
      },
    },
  }
  return { state, saveCreds: () => write('creds', creds), write }
}

/** The account of a folder of files on such a store. */
export async function naiveStoreOf(folder: string, pool: Pool, account: string) {
  const filling = await naiveStore(pool, account)
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')))
    await filling.write(
      file.slice(0, -'.json'.length),
      JSON.parse(await readFile(join(folder, file), 'utf8'), BufferJSON.reviver),
    )
  const { state, saveCreds } = await naiveStore(pool, account)
  return { state, saveCreds }
}

const revived = (value: unknown) => proto.Message.AppStateSyncKeyData.fromObject(value as { [key: string]: unknown })
