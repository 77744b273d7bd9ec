import type { WASocket } from '@whiskeysockets/baileys'
import { faults } from '../fake-whatsapp/index.ts'
import type { Lifeline } from '../index.ts'
import { type Cast, owner } from './cast.ts'
import type { Claims } from './claims.ts'
import type { Tell } from './events.ts'
import type { LineRecord } from './line-record.ts'
import { bothWays, everybodyWrites, type Inbox, readBy } from './talk.ts'
import { until } from './until.ts'

const healingMs = 25_000
const readingMs = 20_000
/** The server lets the storm be seen for so long before it answers 440. */
const stormShownMs = 600
/** As many 515 at login as the default policy takes for a persistent failure. */
const restarts = 3

/** The reboot: every message fails, the server answers 440, then 515 at login. Nobody touches anything. */
export async function recovery(
  cast: Cast,
  line: Lifeline<WASocket>,
  record: LineRecord,
  inbox: Inbox,
  claims: Claims,
  tell: Tell,
): Promise<boolean> {
  const { server, contacts } = cast
  const startedAt = performance.now()
  await line.start()
  const stormed = await until(() => record.times('degraded') > 0, healingMs)
  const before = record.unreadable
  if (!claims.hold('The supervisor sees the storm: degraded, socket still open', stormed, words(before))) return false

  await new Promise((resolve) => setTimeout(resolve, stormShownMs))
  tell({ type: 'step', text: `The server answers 440, and 515 to the next ${restarts} logins.` })
  server.onNextLogin(faults.restartRequired, { account: owner, times: restarts })
  server.now(faults.replaced, owner)
  const healed = await until(
    () => line.status.state === 'healthy' && server.logins(owner).length > 0 && through(line),
    healingMs,
  )
  claims.took('from reboot to healthy', performance.now() - startedAt)
  if (!claims.hold('It heals: healthy after 440 and a run of 515', healed, `state ${line.status.state}`)) return false

  const back = ({ name }: { name: string }) => `Are you back? ${name}`
  await everybodyWrites(cast, contacts, back)
  const helpful = contacts.filter(({ resends }) => resends)
  const helped = await bothWays(inbox, helpful, back, readingMs)
  claims.took('from reboot to every contact that resends readable', performance.now() - startedAt)
  claims.hold(
    'Contacts that resend are read again, with nobody doing anything',
    helped,
    `${readBy(inbox, helpful, back).length} of ${helpful.length}`,
  )
  tell({ type: 'step', text: `The ${helpful.length} contacts that send again when asked are read, all by itself.` })
  await reachSilent(cast, line, inbox, claims, tell, back)
  claims.took('from reboot to everybody reading and being read', performance.now() - startedAt)
  return true
}

/** Contacts that never resend stay on their old session until they hear from the account. */
async function reachSilent(
  cast: Cast,
  line: Lifeline<WASocket>,
  inbox: Inbox,
  claims: Claims,
  tell: Tell,
  back: (contact: { name: string }) => string,
): Promise<void> {
  const { contacts } = cast
  const silent = contacts.filter(({ resends }) => !resends)
  const unread = silent.filter((contact) => !inbox.has(back(contact)))
  const sorry = 'I was away: please write again.'
  for (const { jid } of silent) await line.socket?.sendMessage(jid, { text: sorry })
  await until(() => silent.every(({ received }) => received.includes(sorry)), readingMs)
  const reached = silent.filter(({ received }) => received.includes(sorry)).length
  tell({
    type: 'step',
    text: `The ${silent.length} that never do (${unread.length} unread) get a message of the account, can read it, and write again.`,
  })
  const again = ({ name }: { name: string }) => `Here I am again, ${name}`
  await everybodyWrites(cast, silent, again)
  const both = await bothWays(inbox, silent, again, readingMs)
  claims.hold(
    'Contacts that never resend read the account, and are read after it wrote to them',
    both && reached === silent.length,
    `${reached} reached, ${readBy(inbox, silent, again).length} of ${silent.length} read`,
  )
}

/** Whether the run of 515 is over. */
const through = (line: Lifeline): boolean =>
  line.history().filter((entry) => entry.type === 'transition' && entry.cause?.kind === 'restart-required').length >=
  restarts

const words = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} × ${count}`)
    .join(', ')
