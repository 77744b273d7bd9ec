import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { Account, Device } from './account.ts'
import { copiesOf } from './copies.ts'
import { withDevice } from './group.ts'
import type { ServerState } from './server-state.ts'
import { child, children, node, parseJid, SERVER_JID, seconds } from './stanza.ts'

/** Who sends what over which connection. */
export interface Letter {
  state: ServerState
  from: Device
  connection: number
  stanza: BinaryNode
}

/** What becomes of the stanzas that are not questions to the server; all others are ignored. */
const ROUTES: Record<string, (letter: Letter) => Promise<void>> = { message, receipt, ack }

export async function route(letter: Letter): Promise<void> {
  await ROUTES[letter.stanza.tag]?.(letter)
}

async function message({ state, from, connection, stanza }: Letter): Promise<void> {
  const { id = '', to = '' } = stanza.attrs
  from.connection?.send(node('ack', { class: 'message', id, from: to, t: seconds() }))
  state.journal.add('message-from-client', { connection, ...who(from), detail: id })
  const { account } = from
  state.sent.open(id, account.number, to)
  for (const { reader, device, encs, group } of copiesOf(stanza, state)) {
    // Other companion devices of the account get no copies here, and the one that wrote needs none.
    if (account.jid === reader.jid && device !== 0) continue
    const read = await reader.receive(from, { id, device, encs, ...(group && { group }) })
    const contact = withDevice(reader.jid, device)
    // The phone confirms what another device wrote to the account's own chat.
    if (read && account.jid === reader.jid && isUser(to, account))
      from.push(node('receipt', { from: account.jid, id, type: 'sender', recipient: to, t: seconds() }))
    state.sent.came(id, contact, read)
    state.journal.add(read ? 'read-by-contact' : 'unread-by-contact', { ...who(from), detail: id, contact })
  }
}

async function receipt({ state, from, connection, stanza }: Letter): Promise<void> {
  const { id, to = SERVER_JID, type } = stanza.attrs
  from.connection?.send(node('ack', { class: 'receipt', id, type, from: to }))
  if (type === 'retry') {
    const count = Number(child(stanza, 'retry')?.attrs.count ?? 1)
    from.retrying(id)
    state.deliveries.retry(id, count, child(stanza, 'keys') !== undefined)
    state.journal.add('retry', { connection, ...who(from), ...(id === undefined ? {} : { detail: id }) })
    await state.correspondent(stanza.attrs.participant ?? to)?.retry(from, stanza)
    return
  }
  for (const one of [id, ...children(child(stanza, 'list'), 'item').map((item) => item.attrs.id)]) {
    if (one === undefined) continue
    from.acknowledged('message', one)
    state.deliveries.receipt(one, type)
    state.journal.add('receipt', { connection, ...who(from), detail: one })
  }
}

async function ack({ state, from, connection, stanza }: Letter): Promise<void> {
  const { class: of = '', id, error, to, participant } = stanza.attrs
  from.acknowledged(of, id, { refused: error !== undefined, from: to, participant })
  if (of === 'message') state.deliveries.acknowledged(id, error)
  const taken = of === 'notification' ? 'notification-taken' : of === 'receipt' ? 'receipt-taken' : undefined
  if (taken && id !== undefined) state.journal.add(taken, { connection, ...who(from), detail: id })
}

function who(device: Device): { account: string; device: number } {
  return { account: device.account.number, device: device.id }
}

function isUser(jid: string, { number, lidUser }: Account): boolean {
  const { user } = parseJid(jid)
  return user === number || user === lidUser
}
