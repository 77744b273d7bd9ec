import type { FileClass } from './store.ts'

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** A sender key is a list of states, kept as the bytes of its JSON. */
const isSenderKey = (value: unknown): boolean => {
  if (Array.isArray(value)) return true
  if (!isBytes(value)) return false
  try {
    return Array.isArray(JSON.parse(Buffer.from(value).toString('utf8')))
  } catch {
    return false
  }
}

/** What the decoded content of each class looks like when Baileys wrote it; sessions are libsignal's to judge. */
export const shapes: Readonly<Partial<Record<FileClass, (value: unknown) => boolean>>> = {
  'pre-key': (value) => isFields(value) && isBytes(value.private) && isBytes(value.public),
  'sender-key': isSenderKey,
  'sender-key-memory': isFields,
  'app-state-sync-key': (value) => isFields(value) && isBytes(value.keyData),
  'app-state-sync-version': (value) =>
    isFields(value) && typeof value.version === 'number' && isBytes(value.hash) && isFields(value.indexValueMap),
  'lid-mapping': isText,
  'device-list': Array.isArray,
  'identity-key': isBytes,
  tctoken: isFields,
}
