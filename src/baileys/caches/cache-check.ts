import { read } from '../../errors/error-chain.ts'

/** No contact's name. */
const probe = 'lifeline'

/**
 * Whether a cache of the owner's that Baileys 7 keeps lists of devices in gives back what it is handed, in the form in
 * which Baileys hands it over. `node-cache` does not: it looks for `{ key, val }` and is given `{ key, value }`, and
 * nothing ever says so.
 */
export async function keepsDevices(cache: object): Promise<boolean> {
  const call = async (method: string, ...args: unknown[]): Promise<unknown> => {
    const own = read(cache, method)
    return typeof own === 'function' ? Reflect.apply(own, cache, args) : undefined
  }
  const has = (method: string): boolean => typeof read(cache, method) === 'function'
  try {
    await (has('mset') ? call('mset', [{ key: probe, value: [] }]) : call('set', probe, []))
    const kept = has('mget') ? read(await call('mget', [probe]), probe) : await call('get', probe)
    return Array.isArray(kept)
  } catch {
    return false
  } finally {
    await call('del', probe).catch(() => undefined)
  }
}
