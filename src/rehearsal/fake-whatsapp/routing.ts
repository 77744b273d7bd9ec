import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Device } from './account.ts'
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
  for (const { jid, enc } of recipients(stanza)) await world.correspondent(jid)?.receive(from, id, enc)
}

/** A message is either for one address, or carries a copy for each device. Companion devices of others get nothing here. */
function recipients(stanza: BinaryNode): { jid: string; enc: BinaryNode }[] {
  const copies = children(child(stanza, 'participants'), 'to').map((to) => ({
    jid: to.attrs.jid,
    enc: child(to, 'enc'),
  }))
  const direct = { jid: stanza.attrs.participant ?? stanza.attrs.to, enc: child(stanza, 'enc') }
  return [...copies, direct].flatMap(({ jid, enc }) => (jid && enc ? [{ jid, enc }] : []))
}

async function receipt({ world, from, connection, stanza }: Letter): Promise<void> {
  const { id, to = '', type } = stanza.attrs
  from.connection?.send(node('ack', { class: 'receipt', id, type, from: to || SERVER_JID }))
  if (type === 'retry') {
    const count = Number(child(stanza, 'retry')?.attrs.count ?? 1)
    from.retrying(id)
    world.deliveries.retry(id, count, child(stanza, 'keys') !== undefined)
    world.journal.add('retry', { connection, ...who(from), ...(id === undefined ? {} : { detail: id }) })
    await world.correspondent(to)?.retry(from, stanza)
    return
  }
  for (const one of [id, ...children(child(stanza, 'list'), 'item').map((item) => item.attrs.id)]) {
    if (one === undefined) continue
    from.acknowledged('message', one, false)
    world.deliveries.receipt(one, type)
    world.journal.add('receipt', { connection, ...who(from), detail: one })
  }
}

async function ack({ world, from, stanza }: Letter): Promise<void> {
  const { class: of = '', id, error } = stanza.attrs
  from.acknowledged(of, id, error !== undefined)
  if (of === 'message') world.deliveries.acknowledged(id, error)
}

function who(device: Device): { account: string; device: number } {
  return { account: device.account.number, device: device.id }
}
