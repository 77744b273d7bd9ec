import { read } from '../errors/error-chain.ts'
import type { BaileysSocket } from './socket.ts'

/** The two ways Baileys names sessions: v6 by user and device, v7 by the kind of user too. */
export type AddressLine = 'v6' | 'v7'

/** v7 alone maps phone numbers to LIDs. */
export function addressLine(sock: Pick<BaileysSocket, 'signalRepository'>): AddressLine {
  return typeof read(sock.signalRepository, 'lidMapping') === 'object' ? 'v7' : 'v6'
}

/** v7's numbers for the kinds of user that are no plain phone number. */
const domains: Readonly<Record<string, number>> = { lid: 1, hosted: 128, 'hosted.lid': 129 }

interface Jid {
  readonly user: string
  readonly agent: string
  readonly device: number
  readonly server: string
}

/** A jid's parts, `user_agent:device@server`; undefined if it is none. Runs for every message, hence no pattern. */
export function parseJid(jid: string): Jid | undefined {
  const at = jid.indexOf('@')
  if (at < 1) return undefined
  const colon = jid.lastIndexOf(':', at)
  const end = colon < 0 ? at : colon
  const underscore = jid.lastIndexOf('_', end)
  return {
    user: jid.slice(0, underscore < 0 ? end : underscore),
    agent: underscore < 0 ? '0' : jid.slice(underscore + 1, end),
    device: colon < 0 ? 0 : Number(jid.slice(colon + 1, at)),
    server: jid.slice(at + 1),
  }
}

/**
 * The Signal address of a jid, as in `session-<address>.json`: `<user>.<device>`, in v7 with `_1` for a LID, `_128` and
 * `_129` for hosted ones. A jid that cannot be parsed is its own address. v7's mapping of numbers to LIDs is not
 * applied here. `device` overrides the jid's own.
 */
export function signalAddress(jid: string, line: AddressLine, device?: string): string {
  const parts = parseJid(jid)
  if (parts === undefined) return jid
  const domain = line === 'v6' ? 0 : (domains[parts.server] ?? Number(parts.agent))
  return `${parts.user}${domain === 0 ? '' : `_${domain}`}.${device ?? parts.device}`
}

/** Whether v7 may keep this jid's session under a LID instead. */
export function isMappable(jid: string): boolean {
  return jid.endsWith('@s.whatsapp.net') || jid.endsWith('@hosted')
}

/**
 * Where v7 keeps the session of a phone number: under the LID once a mapping is known. Reads the mapping from the key
 * store and not through `lidMapping.getLIDForPN`, which asks the server when it finds none.
 */
export async function mappedAddress(sock: Pick<BaileysSocket, 'authState'>, jid: string): Promise<string> {
  const parts = parseJid(jid)
  if (parts === undefined) return jid
  try {
    const lid = read(await sock.authState.keys.get('lid-mapping', [parts.user]), parts.user)
    if (typeof lid === 'string' && lid !== '') {
      return signalAddress(`${lid}:${parts.device}@${parts.server === 'hosted' ? 'hosted.lid' : 'lid'}`, 'v7')
    }
  } catch {
    // An unreadable mapping is reported by the store; the number's own address is the best guess left.
  }
  return signalAddress(jid, 'v7')
}
