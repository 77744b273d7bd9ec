import type { Contact } from '../fake-whatsapp/index.ts'
import { answerTo } from './bot.ts'
import type { Cast } from './cast.ts'
import { until } from './until.ts'

/** Texts that the account has read, from whichever process it ran in. */
export type Inbox = Set<string>

/** Each of these contacts writes one text. */
export async function everybodyWrites(
  { phone }: Cast,
  contacts: readonly Contact[],
  text: (contact: Contact) => string,
): Promise<void> {
  for (const contact of contacts) await contact.send(phone, text(contact))
}

/** Those whose text the account has read. */
export const readBy = (inbox: Inbox, contacts: readonly Contact[], text: (contact: Contact) => string) =>
  contacts.filter((contact) => inbox.has(text(contact)))

/** Those who could read the account's answer to their text. */
export const answered = (contacts: readonly Contact[], text: (contact: Contact) => string) =>
  contacts.filter((contact) => contact.received.includes(answerTo(text(contact))))

/** Waits until the account has read all of them and all of them have read its answers. */
export function bothWays(
  inbox: Inbox,
  contacts: readonly Contact[],
  text: (contact: Contact) => string,
  withinMs: number,
): Promise<boolean> {
  return until(
    () =>
      readBy(inbox, contacts, text).length === contacts.length && answered(contacts, text).length === contacts.length,
    withinMs,
  )
}
