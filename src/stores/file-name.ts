import { createHash } from 'node:crypto'

/** The longest name that common file systems take, in bytes. */
const maxNameBytes = 255
// Windows refuses these; elsewhere they are ordinary. `/` and `:` are replaced before.
const refused = process.platform === 'win32' ? /[<>"|?*\\\p{Cc}]/u : /\0/
const loneSurrogate = /\p{Surrogate}/u

export const credsFile = 'creds.json'

/**
 * The file of one key. Exactly Baileys' own name (`/` becomes `__`, `:` becomes `-`) wherever Baileys' naming works. A
 * name that no file system takes (too long, a NUL, half a surrogate pair) becomes `<type>-~<sha256>.json`: Baileys' own
 * store fails on those.
 */
export const keyFileName = (type: string, id: string): string => {
  const plain = `${type}-${id}.json`.replaceAll('/', '__').replaceAll(':', '-')
  if (Buffer.byteLength(plain) <= maxNameBytes && !refused.test(plain) && !loneSurrogate.test(plain)) return plain
  const hash = createHash('sha256')
    .update(JSON.stringify([type, id]))
    .digest('hex')
  const prefix = type.replaceAll(/[^\w-]/g, '_').slice(0, 64)
  return `${prefix}-~${hash}.json`
}

/** True for a name that stays inside its folder. */
export const isPlainName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)
