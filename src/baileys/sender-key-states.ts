import { read } from '../errors/error-chain.ts'

/** One of the up to five keys of a device for a group, as Baileys stores them. */
export interface SenderKeyState {
  readonly senderKeyId: number
  /** The next one to be used. */
  readonly senderChainKey?: { readonly iteration?: number }
  /** Keys of messages that were skipped. */
  readonly senderMessageKeys?: readonly { readonly iteration?: number }[]
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

/** Which key a group message was sealed with, and where in the chain of that key. */
export interface SenderKeyHead {
  readonly id: number
  readonly iteration: number
}

/** Reads the first two fields behind the byte of the version; undefined if they are not there. */
export function headOf(message: Uint8Array): SenderKeyHead | undefined {
  const id = varint(message, 1, 0x08)
  const iteration = id && varint(message, id.end, 0x10)
  return iteration ? { id: id.value, iteration: iteration.value } : undefined
}

function varint(
  bytes: Uint8Array,
  at: number,
  tag: number,
): { readonly value: number; readonly end: number } | undefined {
  if (bytes[at] !== tag) return undefined
  let value = 0
  for (let length = 0; length < 5; length += 1) {
    const byte = bytes[at + 1 + length]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * length)
    if (byte < 0x80) return { value, end: at + 2 + length }
  }
  return undefined
}

/** Baileys looks no further ahead in a chain. */
const furthestAhead = 2_000

/** Whether the key of that message can be had of this state. */
export function reaches({ senderChainKey, senderMessageKeys }: SenderKeyState, iteration: number): boolean {
  const next = senderChainKey?.iteration ?? 0
  if (iteration >= next) return iteration - next <= furthestAhead
  return senderMessageKeys?.some((kept) => kept.iteration === iteration) ?? false
}

/** The name of the key with which a device writes in a group, in the key store. */
export function senderKeyName(group: string, address: string): string {
  const dot = address.lastIndexOf('.')
  return `${group}::${address.slice(0, dot)}::${address.slice(dot + 1)}`
}
