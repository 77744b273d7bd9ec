import type { AddressLine } from './signal-address.ts'

/** The domain that v7 writes behind the user of an address, by what kind of jid it stands for. */
const servers: Readonly<Record<string, string>> = {
  '': 's.whatsapp.net',
  '1': 'lid',
  '128': 'hosted',
  '129': 'hosted.lid',
}

/**
 * The jid of a device address, as `assertSessions` wants it; undefined if the address is none. v6 does not mark LIDs in
 * its addresses: there the phone number's server is assumed, and a LID's session is rebuilt by Baileys' own retry
 * instead.
 */
export function jidOfAddress(address: string, line: AddressLine): string | undefined {
  const match = /^(\d+)(?:_(\d+))?\.(\d+)$/.exec(address)
  if (!match) return undefined
  const [, user = '', domain = '', device = '0'] = match
  const server = line === 'v7' ? servers[domain] : servers['']
  if (server === undefined) return undefined
  return device === '0' ? `${user}@${server}` : `${user}:${device}@${server}`
}
