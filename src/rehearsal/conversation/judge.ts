import type { Contact, ContactDevice, Delivery, FakeWhatsApp, Group } from '../fake-whatsapp/index.ts'
import type { Said } from './account-side.ts'
import type { Heard } from './client.ts'
import type { DirectionReport } from './report.ts'
import { contactsIn, type Voice } from './script.ts'

/** A message of a contact. */
export interface Written {
  readonly text: string
  readonly voice: Voice
  readonly delivery: Delivery
}

/** How often each text came. */
const tally = (texts: Iterable<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** How often one came after one that stands later in the list. */
function misplaced(order: readonly string[], came: readonly string[]): number {
  const places = new Map(order.map((text, at) => [text, at]))
  let highest = -1
  let count = 0
  for (const text of came) {
    const at = places.get(text)
    if (at === undefined) continue
    if (at < highest) count += 1
    else highest = at
  }
  return count
}

/** What became of what contacts wrote. */
export function toAccount(written: readonly Written[], heard: readonly Heard[]): DirectionReport {
  const told = tally(heard.map(({ text }) => text))
  const came = heard.map(({ text }) => text)
  const neverRead = written.filter(({ delivery }) => delivery.receipts.length === 0)
  const texts = written.map(({ text }) => text)
  return {
    sent: written.length,
    read: written.length - neverRead.length,
    neverRead: neverRead.map(({ text }) => text),
    askedAgain: written.reduce((sum, { delivery }) => sum + delivery.retries.length, 0),
    toldTwice: texts.filter((text) => (told.get(text) ?? 0) > 1),
    toldNever: texts.filter((text) => !told.has(text)),
    outOfOrder: [...new Set(written.map(({ voice }) => voice))].reduce((sum, voice) => {
      const order = written.filter((one) => one.voice === voice).map(({ text }) => text)
      return sum + misplaced(order, came)
    }, 0),
  }
}

interface Addressees {
  readonly contacts: readonly Contact[]
  readonly groups: readonly Group[]
}

/** The devices that a message to that address is for, the account's own phone left out. */
export function readersOf(
  chat: string,
  { contacts, groups }: Addressees,
): { contact: Contact; device: ContactDevice }[] {
  const group = groups.find(({ jid }) => jid === chat)
  const readers = group ? contactsIn(group) : contacts.filter(({ jid, lid }) => [jid, lid].includes(chat))
  return readers.flatMap((contact) => contact.devices.map((device) => ({ contact, device })))
}

/** What the devices of contacts could read, kept up to date as it grows. */
export class ReadIndex {
  readonly #known = new Map<ContactDevice, { taken: number; counts: Map<string, number> }>()

  /** How often that device was shown the text. */
  times(device: ContactDevice, text: string): number {
    const known = this.#known.get(device) ?? { taken: 0, counts: new Map<string, number>() }
    this.#known.set(device, known)
    for (; known.taken < device.received.length; known.taken += 1) {
      const one = device.received[known.taken] ?? ''
      known.counts.set(one, (known.counts.get(one) ?? 0) + 1)
    }
    return known.counts.get(text) ?? 0
  }
}

/** What became of what the account sent. */
export function toContacts(
  said: readonly Said[],
  index: ReadIndex,
  server: Pick<FakeWhatsApp, 'sentMessage'>,
  addressees: Addressees,
): DirectionReport {
  const arrived = said.filter(({ id }) => id !== undefined && server.sentMessage(id))
  const judged = arrived.map(({ text, chat, id = '' }) => {
    const readers = readersOf(chat, addressees)
    return {
      text,
      unread: readers.filter(({ device }) => index.times(device, text) === 0),
      twice: readers.some(({ device }) => index.times(device, text) > 1),
      asked: server.sentMessage(id)?.copies.reduce((sum, copy) => sum + copy.asked.length, 0) ?? 0,
    }
  })
  const lost = judged.filter(({ unread }) => unread.length > 0)
  const neverRead = lost.map(
    ({ text, unread }) =>
      `${text} (not ${unread.map(({ contact, device }) => `${contact.name}/${device.id}`).join(', ')})`,
  )
  return {
    sent: arrived.length,
    read: arrived.length - lost.length,
    neverRead,
    askedAgain: judged.reduce((sum, { asked }) => sum + asked, 0),
    toldTwice: judged.filter(({ twice }) => twice).map(({ text }) => text),
    toldNever: neverRead,
    outOfOrder: [...new Set(arrived.map(({ chat }) => chat))].reduce((sum, chat) => {
      const order = arrived.filter((one) => one.chat === chat).map(({ text }) => text)
      return readersOf(chat, addressees).reduce((all, { device }) => all + misplaced(order, device.received), sum)
    }, 0),
  }
}
