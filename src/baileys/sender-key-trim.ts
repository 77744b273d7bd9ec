/** Where Baileys writes the signing key of a record's first state: before the keys of skipped messages. */
const headBytes = 2_048
const someSkipped = '"senderMessageKeys":[{'
/** A private half that is there: with it the account itself signs. Baileys 7 writes an empty one for keys of others. */
const ownSigningKey = /"private":(?!\{"type":"Buffer","data":(?:\[\]|"")\}|""|null)/
const space = 0x20

/**
 * The bytes of a stored sender key without what no message can need: the keys of skipped messages on the chain that the
 * account itself sends with. Nobody decrypts with them, and Baileys leaves one behind with every second number, which
 * is one with each message that it sends. The keys that others send with keep theirs: Baileys itself bounds them.
 *
 * Undefined if there is nothing to take out. The given bytes become the same shorter record, padded with spaces: caches
 * between Baileys and the store hold on to them, and hand them out for the next message.
 */
export function trimSenderKey(bytes: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!text.includes(someSkipped) || !ownSigningKey.test(text.toString('latin1', 0, headBytes))) return undefined
  const states = parsed(text)
  if (!Array.isArray(states)) return undefined
  for (const state of states) if (isOwn(state)) state.senderMessageKeys = []
  const shorter = Buffer.from(JSON.stringify(states))
  if (shorter.length >= text.length) return undefined
  shorter.copy(text)
  text.fill(space, shorter.length)
  return shorter
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    return undefined
  }
}

interface OwnState {
  senderMessageKeys: unknown
}

const isOwn = (state: unknown): state is OwnState =>
  typeof state === 'object' && state !== null && ownSigningKey.test(JSON.stringify({ ...state, senderMessageKeys: [] }))
