import { read } from '../errors/error-chain.ts'

/** One of the up to five keys of a device for a group, as Baileys stores them. */
export interface SenderKeyState {
  readonly senderKeyId: number
  readonly senderChainKey?: { readonly iteration?: number }
}

/** The states in a stored sender key: a list, or the bytes of its JSON; empty if it is none. */
export function statesOf(stored: unknown): readonly SenderKeyState[] {
  try {
    const list: unknown = stored instanceof Uint8Array ? JSON.parse(Buffer.from(stored).toString('utf8')) : stored
    return Array.isArray(list) ? list.filter((one) => typeof read(one, 'senderKeyId') === 'number') : []
  } catch {
    return []
  }
}

/** As Baileys stores it. */
export const storedStates = (states: readonly SenderKeyState[]): Uint8Array => Buffer.from(JSON.stringify(states))

/** Which key a group message was sealed with: field 1 behind the byte of the version. Undefined if it names none. */
export function senderKeyIdOf(message: Uint8Array): number | undefined {
  if (message[1] !== 0x08) return undefined
  let id = 0n
  for (let at = 2; at < 12; at += 1) {
    const byte = message[at]
    if (byte === undefined) return undefined
    id |= BigInt(byte & 0x7f) << BigInt(7 * (at - 2))
    if (byte < 0x80) return Number(BigInt.asUintN(32, id))
  }
  return undefined
}

/** The name of the key with which a device writes in a group, in the key store. */
export function senderKeyName(group: string, address: string): string {
  const dot = address.lastIndexOf('.')
  return `${group}::${address.slice(0, dot)}::${address.slice(dot + 1)}`
}
