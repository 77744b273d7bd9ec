// The fake server and its contacts, in a process of their own: none of their work is the client's.
import '../../test/quick-keys.ts'
import type { Said } from '../../src/rehearsal/conversation/account-side.ts'
import type { Heard } from '../../src/rehearsal/conversation/client.ts'
import { Happenings } from '../../src/rehearsal/conversation/happenings.ts'
import { ReadIndex, toAccount, toContacts, type Written } from '../../src/rehearsal/conversation/judge.ts'
import { Script, type Span } from '../../src/rehearsal/conversation/script.ts'
import { type Contact, startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { answer } from '../child.ts'

export interface Round {
  readonly number: string
  readonly round: number
  /** How many of the account's contacts write. */
  readonly contacts: number
  /** How many messages each writes. */
  readonly messages: number
  /**
   * Between two messages of a contact. Absent: each writes again as soon as it has its answer, whether it can read it
   * or not.
   */
  readonly gapMs?: Span
}

export interface RoundTime {
  /** From the first message to the last answer. */
  readonly tookMs: number
  /** Messages to which an answer came. */
  readonly answered: number
  /** Contacts that waited for one in vain, and wrote no more in this round. */
  readonly stalled: number
}

/** What both sides of the account have seen, for a judgement. */
export interface Seen {
  readonly number: string
  readonly heard: readonly Heard[]
  readonly said: readonly Said[]
}

/** Nobody waits longer for the next answer. */
const stallMs = 5_000
/** What an earlier round has left behind, such as retries, is over when nothing happens for so long. */
const restMs = 500
const restsWithinMs = 30_000

const server = await startFakeWhatsApp({ claimedPreKeys: 1, seed: 'two-way' })
const contacts = new Map<string, Contact[]>()
const written = new Map<string, Written[]>()
const happenings = new Happenings()
/** How many messages of the account each contact got, readable or not, by its address, and when the last one came. */
const came = new Map<string, { count: number; at: number }>()
server.onEvent(({ kind, contact }) => {
  if (contact !== undefined && (kind === 'read-by-contact' || kind === 'unread-by-contact'))
    came.set(contact, { count: (came.get(contact)?.count ?? 0) + 1, at: performance.now() })
  happenings.happened()
})
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function write(contact: Contact, round: Round, count: number): Promise<void> {
  const text = `${round.round} ${contact.name} ${count}`
  const delivery = await contact.send(round.number, text)
  written.get(round.number)?.push({ text, voice: { name: contact.name, contact, device: 0 }, delivery })
}

async function play(round: Round): Promise<RoundTime> {
  const script = new Script(`round ${round.round}`)
  const startedAt = performance.now()
  const speakers = (contacts.get(round.number) ?? []).slice(0, round.contacts)
  const results = await Promise.all(
    speakers.map(async (contact) => {
      const before = came.get(contact.jid)?.count ?? 0
      const answers = () => (came.get(contact.jid)?.count ?? 0) - before
      let stalled = false
      for (let count = 1; count <= round.messages && !stalled; count += 1) {
        if (round.gapMs) await pause(script.ms(`${contact.name} ${count}`, round.gapMs))
        await write(contact, round, count)
        if (!round.gapMs) stalled = !(await happenings.until(() => answers() >= count, stallMs))
      }
      if (round.gapMs) stalled = !(await happenings.until(() => answers() >= round.messages, stallMs))
      return { answered: Math.min(answers(), round.messages), stalled, lastAt: came.get(contact.jid)?.at ?? startedAt }
    }),
  )
  return {
    tookMs: Math.max(...results.map(({ lastAt }) => lastAt)) - startedAt,
    answered: results.reduce((sum, { answered }) => sum + answered, 0),
    stalled: results.filter(({ stalled }) => stalled).length,
  }
}

answer({
  address: () => ({ url: server.url, rootKey: server.rootKey }),
  scan: ({ number, code }: { readonly number: string; readonly code: string }) =>
    server
      .phone(number)
      .scan(code)
      .then(() => undefined),
  people: ({ number, count }: { readonly number: string; readonly count: number }) => {
    written.set(number, [])
    contacts.set(
      number,
      Array.from({ length: count }, (_, at) => server.contact(`${number}-${at}`)),
    )
  },
  rest: () => happenings.untilQuiet(() => false, restMs, restsWithinMs),
  play,
  judge: ({ number, heard, said }: Seen) => {
    const mine = contacts.get(number) ?? []
    const addressees = { contacts: mine, groups: [] }
    const of = written.get(number) ?? []
    const { outOfOrder: _in, ...inwards } = toAccount(of, heard)
    const { outOfOrder: _out, ...outwards } = toContacts(said, new ReadIndex(), server, addressees)
    return {
      toAccount: { sent: inwards.sent, read: inwards.read, askedAgain: inwards.askedAgain },
      toContacts: { sent: outwards.sent, read: outwards.read, askedAgain: outwards.askedAgain },
    }
  },
})
