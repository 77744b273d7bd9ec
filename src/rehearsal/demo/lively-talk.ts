import { converse } from '../conversation/conversation.ts'
import { inWords } from '../conversation/report.ts'
import { clientOf } from '../conversation/supervised.ts'
import { answerTo } from './bot.ts'
import { owner } from './cast.ts'
import type { SupervisedStage } from './stage.ts'
import { until } from './until.ts'

/**
 * Fast enough that reading and sending meet: some eighty messages a second, both ways and the answers of the bot
 * together.
 */
const pace = { messages: 3, unasked: 3, gapMs: [0, 1_000], quietMs: 4_000, endsWithinMs: 20_000 } as const
const answersMs = 10_000

/**
 * Everybody writes to the account and the account to everybody, at random, while the bot answers as ever. What each
 * could read is judged.
 */
export async function livelyTalk({ cast, line, claims, tell }: SupervisedStage): Promise<void> {
  const { server, contacts } = cast
  const earlier = new Set(server.sentBy(owner).map(({ id }) => id))
  tell({ type: 'step', text: 'Everybody writes to the account, and it writes to everybody, all at once.' })
  const talk = { ...pace, server, number: owner, client: clientOf(line), contacts, seed: 1, warmUp: false }
  const { toAccount, toContacts, order } = await converse(talk)
  const texts = order.filter(({ what }) => what === 'written').map(({ text }) => answerTo(text))
  const shown = new Set<string>()
  const answered = await until(() => {
    for (const { received } of contacts) for (const text of received) shown.add(text)
    return texts.every((text) => shown.has(text))
  }, answersMs)

  const sent = server.sentBy(owner).filter(({ id }) => !earlier.has(id))
  const asked = sent.reduce((sum, { copies }) => sum + copies.reduce((all, copy) => all + copy.asked.length, 0), 0)
  const answers = `${texts.filter((text) => shown.has(text)).length} of ${texts.length} answers`
  const words = `the account: ${inWords(toAccount)}; contacts: ${inWords(toContacts)}, ${answers}`
  const read = toAccount.toldNever.length + toContacts.neverRead.length === 0 && answered
  claims.hold('Whatever is written both ways at once is read, by the account and by each contact', read, words)
  // A contact whose session was renewed a moment ago may ask once more; nobody may hear anything twice.
  const once = toAccount.toldTwice.length + toContacts.toldTwice.length === 0
  claims.hold('Nobody is told any of it twice', once, `${asked} asked again; ${words}`)
  tell({ type: 'step', text: `Of ${toAccount.sent} messages in and ${sent.length} out: ${words}.` })
}
