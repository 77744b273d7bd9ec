import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Device } from './account.ts'
import { copiesOf } from './copies.ts'
import { withDevice } from './group.ts'
import { child, children, node, SERVER_JID, seconds } from './stanza.ts'
import type { World } from './world.ts'

/** Who sends what over which connection. */
export interface Letter {
  world: World
  from: Device
  connection: number
  stanza: BinaryNode
}

/** What becomes of the stanzas that are not questions to the server; all others are ignored. */
const ROUTES: Record<string, (letter: Letter) => Promise<void>> = { message, receipt, ack }

export async function route(letter: Letter): Promise<void> {
  await ROUTES[letter.stanza.tag]?.(letter)
}

async function message({ world, from, connection, stanza }: Letter): Promise<void> {
  const { id = '', to = '' } = stanza.attrs
  from.connection?.send(node('ack', { class: 'message', id, from: to, t: seconds() }))
  world.journal.add('message-from-client', { connection, ...who(from), detail: id })
  const { account } = from
  world.sent.open(id, account.number, to)
  for (const { reader, device, encs, group } of copiesOf(stanza, world)) {
    // Other companion devices of the account get no copies here, and the one that wrote needs none.
    if (account.jid === reader.jid && device !== 0) continue
    const read = await reader.receive(from, { id, device, encs, ...(group && { group }) })
    const contact = withDevice(reader.jid, device)
    world.sent.came(id, contact, read)
    world.journal.add(read ? 'read-by-contact' : 'unread-by-contact', { ...who(from), detail: id, contact })
  }
}

async function receipt({ world, from, connection, stanza }: Letter): Promise<void> {
  const { id, to = '', type } = stanza.attrs
  from.connection?.send(node('ack', { class: 'receipt', id, type, from: to || SERVER_JID }))
  if (type === 'retry') {
    const count = Number(child(stanza, 'retry')?.attrs.count ?? 1)
    from.retrying(id)
    world.deliveries.retry(id, count, child(stanza, 'keys') !== undefined)
    world.journal.add('retry', { connection, ...who(from), ...(id === undefined ? {} : { detail: id }) })
    await world.correspondent(stanza.attrs.participant ?? to)?.retry(from, stanza)
    return
  }
  for (const one of [id, ...children(child(stanza, 'list'), 'item').map((item) => item.attrs.id)]) {
    if (one === undefined) continue
    from.acknowledged('message', one)
    world.deliveries.receipt(one, type)
    world.journal.add('receipt', { connection, ...who(from), detail: one })
  }
}

async function ack({ world, from, connection, stanza }: Letter): Promise<void> {
  const { class: of = '', id, error, to, participant } = stanza.attrs
  from.acknowledged(of, id, { refused: error !== undefined, from: to, participant })
  if (of === 'message') world.deliveries.acknowledged(id, error)
  const taken = of === 'notification' ? 'notification-taken' : of === 'receipt' ? 'receipt-taken' : undefined
  if (taken && id !== undefined) world.journal.add(taken, { connection, ...who(from), detail: id })
}

function who(device: Device): { account: string; device: number } {
  return { account: device.account.number, device: device.id }
}
