import { read } from './error-chain.ts'
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

/** A jid's parts, `user_agent:device@server`; undefined if it is none. */
export function parseJid(jid: string): Jid | undefined {
  const found = /^([^@:_]+)(?:_(\d+))?(?::(\d+))?@(.+)$/.exec(jid)
  if (found?.[1] === undefined || found[4] === undefined) return undefined
  return { user: found[1], agent: found[2] ?? '0', device: Number(found[3] ?? 0), server: found[4] }
}

/**
 * The Signal address of a jid, as in `session-<address>.json`: `<user>.<device>`, in v7 with `_1` for a LID, `_128` and `_129`
 * for hosted ones. A jid that cannot be parsed is its own address. v7's mapping of numbers to LIDs is not applied here.
 */
export function signalAddress(jid: string, line: AddressLine): string {
  const parts = parseJid(jid)
  if (parts === undefined) return jid
  const domain = line === 'v6' ? 0 : (domains[parts.server] ?? Number(parts.agent))
  return `${parts.user}${domain === 0 ? '' : `_${domain}`}.${parts.device}`
}

/** Whether v7 may keep this jid's session under a LID instead. */
export function isMappable(jid: string): boolean {
  return jid.endsWith('@s.whatsapp.net') || jid.endsWith('@hosted')
}

/**
 * Where v7 keeps the session of a phone number: under the LID once a mapping is known. Reads the mapping from the key store
 * and not through `lidMapping.getLIDForPN`, which asks the server when it finds none.
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
