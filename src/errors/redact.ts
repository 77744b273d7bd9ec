/** Stands where a secret was. */
export const redacted = '[redacted]'

/** Property names whose values are secret whatever they look like: Baileys' creds, Signal sessions, pairing. */
const secretNames = new Set(
  [
    'noiseKey pairingEphemeralKeyPair signedIdentityKey signedPreKey advSecretKey creds companionKey pairingCode qr',
    'keyPair ephemeralKeyPair currentRatchet _chains messageKeys chainKey rootKey pendingPreKey',
    'privKey private privateKey priv secret messageSecret mediaKey keyData',
  ].flatMap((names) => names.split(' ')),
)

/** A pairing QR's content: v7's link, or the bare `ref,noise,identity,adv` of v6. */
const qrCode =
  /https:\/\/wa\.me\/settings\/linked_devices#\S*|\b\d@[\w+/=-]{8,}(?:,[\w+/=-]+)*|[\w@+/=-]{8,}(?:,[\w+/]{40,}={0,2}){2,}(?:,\S*)?/g
/** What a key looks like in text: base64, base64url or hex of 24 characters or more. */
const run = /[A-Za-z0-9+/_-]{24,}={0,2}/g
/** WhatsApp's message ids are upper-case hex, which Node never prints a key as; logs are of no use without them. */
const messageId = /^[0-9A-F]{20,40}$/

const maxDepth = 12
const maxItems = 1_000

/** The text with everything that looks like a key, a pairing code or a QR code taken out. */
export function redactText(text: string): string {
  if (text.length < 8) return text
  return text.replace(qrCode, redacted).replace(run, (found) => (looksLikeKey(found) ? redacted : found))
}

/** `redactText`, on one line of at most `max` characters, without the places of files. */
export function cleanText(text: string, max = 200): string {
  const line = redactText(text.slice(0, 4 * max))
    .replace(/file:\/\/\S+/g, '<file>')
    .replace(/(?<![\w:/.])(?:\/[\w.@~+-]+){2,}\/?/g, (path) => (path.endsWith('.') ? '<file>.' : '<file>'))
    .replace(/\b[A-Za-z]:\\[^\s'"]+/g, '<file>')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > max ? `${line.slice(0, max - 1)}…` : line
}

/**
 * The value with secrets taken out: bytes become their length, secret properties and key-like texts a mark. What holds
 * no secret is returned as it came, same reference, so the usual case costs a walk and no copy. Never throws.
 */
export function redact(value: unknown): unknown {
  try {
    return walk(value, 0, new Map())
  } catch {
    return redacted
  }
}

function walk(value: unknown, depth: number, seen: Map<object, unknown>): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (seen.has(value)) return seen.get(value)
  if (depth >= maxDepth) return '[deep]'
  // Stands for the value while it is being walked, so that a cycle ends; what it points to is a mark, never the secret.
  seen.set(value, '[circular]')
  const result = copy(value, depth + 1, seen)
  seen.set(value, result)
  return result
}

function copy(value: object, depth: number, seen: Map<object, unknown>): unknown {
  if (isBufferJson(value)) return '[bytes]'
  if (Array.isArray(value)) {
    const items = value.slice(0, maxItems).map((item) => walk(item, depth, seen))
    return items.length === value.length && items.every((item, i) => Object.is(item, value[i])) ? value : items
  }
  if (value instanceof Map || value instanceof Set) return walk([...value], depth, seen)
  const copied: Record<string, unknown> = {}
  let changed = false
  for (const [name, member] of members(value)) {
    const kept = secretNames.has(name) && isFilled(member) ? redacted : walk(member, depth, seen)
    // libsignal's records have keys for names.
    const shown = redactText(name)
    changed ||= !Object.is(kept, member) || shown !== name
    copied[shown] = kept
  }
  return changed ? copied : value
}

/** Own enumerable members, and what makes an error an error, which is not enumerable. */
function members(value: object): [string, unknown][] {
  const entries: [string, unknown][] = Object.entries(value).slice(0, maxItems)
  if (!(value instanceof Error)) return entries
  return [['type', value.name], ['message', value.message], ['stack', value.stack], ['cause', value.cause], ...entries]
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'boolean' && value !== ''
}

/** How a Buffer looks once it went through JSON, Baileys' own form with base64 included. */
function isBufferJson(value: object): boolean {
  return 'type' in value && value.type === 'Buffer' && 'data' in value
}

function looksLikeKey(text: string): boolean {
  if (messageId.test(text)) return false
  if (text.endsWith('=') || text.includes('+')) return true
  if (/^[0-9a-f]+$/i.test(text)) return /[a-f]/i.test(text)
  return !isWords(text) && mixing(text) >= 0.2
}

/** Names as code has them, camel case or not, with or without a path before them. */
function isWords(text: string): boolean {
  return text.split(/[/_-]/).every((word) => /^(?:[a-z]*(?:[A-Z][a-z]{2,})*|[A-Z]+|\d+)$/.test(word))
}

/**
 * How often the kind of character changes, per character: about 0.6 in base64, under 0.2 in paths. For texts with one
 * letter or digit at least.
 */
function mixing(text: string): number {
  const letters = text.replace(/[+/_-]/g, '')
  const changes = letters.match(/\d(?=\D)|[a-z](?![a-z]|$)|[A-Z](?![A-Z]|$)/g) ?? []
  return changes.length / letters.length
}
