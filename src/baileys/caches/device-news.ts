import { list, read } from '../../errors/error-chain.ts'
import { parseJid } from '../signal-address.ts'

/**
 * A contact's list of devices has changed: who it is, by every name that the server gives, and those whose devices it
 * names one by one.
 */
export interface DeviceNews {
  readonly users: readonly string[]
  readonly named: readonly string[]
}

/**
 * What a `<notification>` of the server says of lists of devices; undefined if nothing. `own` are the account's own
 * names.
 */
export function deviceNewsIn(node: unknown, own: readonly (string | undefined)[]): DeviceNews | undefined {
  const type = read(read(node, 'attrs'), 'type')
  const changes = list(read(node, 'content'))
  if (type === 'account_sync')
    return changes.some((change) => read(change, 'tag') === 'devices') ? { users: usersOf(own), named: [] } : undefined
  if (type !== 'devices') return undefined
  const devices = changes.flatMap((change) => list(read(change, 'content')))
  return {
    users: [...new Set([node, ...changes, ...devices].flatMap((one) => usersOf([...namesOn(one)])))],
    named: usersOf(devices.map((device) => read(read(device, 'attrs'), 'jid'))),
  }
}

/** The users of jids, whatever else stands among them. */
export function usersOf(jids: readonly unknown[]): string[] {
  return jids.flatMap((jid) => {
    const user = typeof jid === 'string' ? parseJid(jid)?.user : undefined
    return user === undefined ? [] : [user]
  })
}

/** A number and a LID stand beside each other. */
function namesOn(node: unknown): readonly unknown[] {
  const attrs = read(node, 'attrs')
  return ['from', 'jid', 'lid', 'sender_lid', 'sender_pn'].map((name) => read(attrs, name))
}
