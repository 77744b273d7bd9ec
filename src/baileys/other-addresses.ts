import { read } from '../errors/error-chain.ts'
import { parseJid } from './signal-address.ts'
import type { SocketKeys } from './socket.ts'

/** What is known beside the stored mappings of whom a jid belongs to. */
export interface Acquaintance {
  /** The same user under the other kind of jid, as the newest message of that sender says that is still to be read. */
  readonly alt: (jid: string) => string | undefined
  /** The account itself. */
  readonly me: () => { readonly id: string; readonly lid?: string | undefined } | undefined
}

/**
 * Every Signal address under which either line of Baileys may have kept the session of a device: by phone number, by
 * LID as version 7 writes it, and by LID as version 6 does. Its own jid's come first.
 */
export async function addressesOf(
  jid: string,
  keys: Pick<SocketKeys, 'get'>,
  known: Acquaintance,
): Promise<readonly string[]> {
  const own = parseJid(jid)
  if (!own) return []
  const others = [known.alt(jid), ...ownNames(own.user, known.me()), await mappedName(jid, keys)]
  const users = [jid, ...others].flatMap((one) => (one === undefined ? [] : [parseJid(one)]))
  const addresses = users.flatMap((one) => (one ? forms(one.user, one.server, own.device) : []))
  return [...new Set(addresses)]
}

/** The account's own devices are not among the contacts that are mapped. */
function ownNames(user: string, me: ReturnType<Acquaintance['me']>): readonly (string | undefined)[] {
  const names = [me?.id, me?.lid]
  return names.some((name) => name !== undefined && parseJid(name)?.user === user) ? names : []
}

async function mappedName(jid: string, keys: Pick<SocketKeys, 'get'>): Promise<string | undefined> {
  const { user = '', server = '' } = parseJid(jid) ?? {}
  const isLid = server.endsWith('lid')
  const id = isLid ? `${user}_reverse` : user
  try {
    const other: unknown = read(await keys.get('lid-mapping', [id]), id)
    if (typeof other !== 'string' || !/^\d+$/.test(other)) return undefined
    return `${other}@${isLid ? 's.whatsapp.net' : 'lid'}`
  } catch {
    return undefined
  }
}

function forms(user: string, server: string, device: number): readonly string[] {
  if (server === 'lid') return [`${user}_1.${device}`, `${user}.${device}`]
  if (server === 'hosted') return [`${user}_128.${device}`]
  return server === 'hosted.lid' ? [`${user}_129.${device}`] : [`${user}.${device}`]
}
