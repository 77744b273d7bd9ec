import type { Policy } from '../../machines/index.ts'
import { trimSenderKey } from './sender-key-trim.ts'
import { trimSession } from './session-trim.ts'
import type { KeyData } from './socket.ts'

/**
 * What Baileys is about to store without what no message can need any more. Works on the given values themselves, so
 * that caches which hold them stay small, too.
 */
export function trimKeys<Data extends KeyData>(data: Data, limits: Policy['trim']): Data {
  for (const record of Object.values(data.session ?? {})) trimSession(record, limits)
  const senderKeys = Object.entries(data['sender-key'] ?? {})
  const shorter = senderKeys.flatMap(([id, value]) => {
    const bytes = value instanceof Uint8Array ? trimSenderKey(value) : undefined
    return bytes ? [[id, bytes] as const] : []
  })
  if (shorter.length === 0) return data
  return { ...data, 'sender-key': { ...data['sender-key'], ...Object.fromEntries(shorter) } }
}

/** The shorter form of one stored value; undefined if there is nothing to take out. Changes the value. */
export function trimmedKey(type: string, value: unknown, limits: Policy['trim']): unknown {
  if (type === 'session') return trimSession(value, limits) ? value : undefined
  return type === 'sender-key' && value instanceof Uint8Array ? trimSenderKey(value) : undefined
}
