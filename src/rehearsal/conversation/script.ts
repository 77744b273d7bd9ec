import { Contact, type Group } from '../fake-whatsapp/index.ts'
import { SeededRandom } from '../fake-whatsapp/random.ts'

/** From so many milliseconds up to so many. */
export type Span = readonly [least: number, most: number]

/** One chat of one device of a contact: with the account, or in a group. */
export interface Voice {
  readonly name: string
  readonly contact: Contact
  readonly device: number
  readonly group?: Group
}

/** Who is in the group beside accounts. */
export const contactsIn = (group: Group): Contact[] =>
  group.members.filter((member): member is Contact => member instanceof Contact)

/** Every device of each contact speaks to the account, and every device of a group's contacts in that group. */
export function voicesOf(contacts: readonly Contact[], groups: readonly Group[]): Voice[] {
  const alone = contacts.flatMap((contact) =>
    contact.devices.map(({ id: device }) => ({ name: nameOf(contact, device), contact, device })),
  )
  const together = groups.flatMap((group) =>
    contactsIn(group).flatMap((contact) =>
      contact.devices.map(({ id: device }) => {
        return { name: `${nameOf(contact, device)} in ${group.name}`, contact, device, group }
      }),
    ),
  )
  return [...alone, ...together]
}

const nameOf = ({ name }: Contact, device: number): string => (device === 0 ? name : `${name}/${device}`)

/** The answer to a text; every text of a conversation is there once, so that an answer names what it answers. */
export const answerTo = (text: string): string => `re: ${text}`

/** A text without the name of its conversation, which the seed does not decide. */
export const nameless = (text: string): string => text.slice(text.indexOf(' ') + 1)

/** Gaps and delays that a seed decides: the same for the same name, whatever happens meanwhile. */
export class Script {
  readonly #seed: number | string

  constructor(seed: number | string) {
    this.#seed = seed
  }

  /** Drawn for that name alone. */
  ms(name: string, [least, most]: Span): number {
    return new SeededRandom(`${this.#seed} ${name}`).between(least, most)
  }
}
