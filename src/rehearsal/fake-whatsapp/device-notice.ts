import type { BinaryNode } from '../../baileys/baileys-types.ts'
import { withDevice } from './group.ts'
import { node, seconds } from './stanza.ts'

interface Owner {
  readonly jid: string
  readonly lid: string | undefined
  /** The address under which accounts know it. */
  readonly from: string
}

/** What the server tells those who have to do with somebody whose list of devices has changed. */
export function deviceNotice(
  what: 'add' | 'remove',
  { jid, lid, from }: Owner,
  device: number,
  id: string,
): BinaryNode {
  // Who is known by number is named by number, with the LID beside it.
  const other = from === lid ? undefined : lid
  const about = { jid: withDevice(from, device), lid: other && withDevice(other, device), 'key-index': String(device) }
  return node('notification', { from, lid: other, type: 'devices', id, t: seconds() }, [
    node(what, { device_hash: `2:${Buffer.from(`${jid} ${device}`).toString('base64').slice(0, 8)}` }, [
      node('device', about),
      node('key-index-list', { ts: seconds() }),
    ]),
  ])
}
