import { faults } from '../fake-whatsapp/index.ts'
import { owner } from './cast.ts'
import type { Counts } from './events.ts'
import type { SupervisedStage } from './stage.ts'
import { bothWays, everybodyWrites, readBy } from './talk.ts'
import { until } from './until.ts'

const healingMs = 25_000
const readingMs = 20_000
/** The storm is seen for so long before the server answers 440. */
const stormShownMs = 600
/** As many 515 at login as the default policy takes for a persistent failure. */
const restarts = 3

/** The reboot. Returns whether the account became healthy again; what else was to hold is among the claims. */
export async function recovery(stage: SupervisedStage): Promise<boolean> {
  const { cast, line, record, claims, tell, inbox } = stage
  const startedAt = performance.now()
  const rebootedAt = Date.now()
  const sinceReboot = () => performance.now() - startedAt
  tell({ type: 'step', text: 'Power is back: the gateway starts again, on the same folder.' })
  await line.start()
  const stormed = await until(() => record.times('degraded') > 0, healingMs)
  const unread = words(record.unreadable)
  if (!claims.hold('The supervisor sees that messages fail: degraded, the socket still open', stormed, unread))
    return false

  await new Promise((resolve) => setTimeout(resolve, stormShownMs))
  tell({ type: 'step', text: `The server answers 440, and 515 to the next ${restarts} logins.` })
  cast.server.onNextLogin(faults.restartRequired, { account: owner, times: restarts })
  cast.server.now(faults.replaced, owner)
  const healed = await until(() => restartsOver(stage, rebootedAt) && line.status.state === 'healthy', healingMs)
  claims.took('from the reboot to healthy', sinceReboot())
  if (!claims.hold('It heals by itself: healthy after the 440 and a run of 515', healed, line.status.state))
    return false

  const { contacts } = cast
  const helpful = contacts.filter(({ resends }) => resends)
  const back = ({ name }: { name: string }) => `Are you back? ${name}`
  await everybodyWrites(cast, contacts, back)
  const helped = await bothWays(inbox, helpful, back, readingMs)
  claims.took('until every contact that resends was read', sinceReboot())
  const read = `${readBy(inbox, helpful, back).length} of ${helpful.length}`
  claims.hold('Contacts that resend read and are read again, with nobody doing anything', helped, read)
  tell({ type: 'step', text: `${read} contacts that send again when asked are read, and read the answers.` })
  await reachSilent(stage)
  claims.took('until everybody read and was read', sinceReboot())
  return true
}

/** Contacts that never resend stay on their old session until they hear from the account. */
async function reachSilent({ cast, line, inbox, claims, tell }: SupervisedStage): Promise<void> {
  const silent = cast.contacts.filter(({ resends }) => !resends)
  const sorry = 'I was away: please write again.'
  for (const { jid } of silent) await line.socket?.sendMessage(jid, { text: sorry })
  await until(() => silent.every(({ received }) => received.includes(sorry)), readingMs)
  const reached = silent.filter(({ received }) => received.includes(sorry)).length
  tell({ type: 'step', text: `The account writes to the ${silent.length} that never resend: ${reached} can read it.` })

  const again = ({ name }: { name: string }) => `Here I am again, ${name}`
  await everybodyWrites(cast, silent, again)
  const both = await bothWays(inbox, silent, again, readingMs)
  const read = readBy(inbox, silent, again).length
  tell({ type: 'step', text: `They write again: ${read} of ${silent.length} are read, and read the answers.` })
  claims.hold(
    'Contacts that never resend read the account, and are read once it wrote to them',
    both && reached === silent.length,
    `${reached} reached, ${read} of ${silent.length} read`,
  )
}

/** Whether the run of 515 is over. The history also holds the gateway's own life, in which one came after the scan. */
function restartsOver({ line }: SupervisedStage, since: number): boolean {
  const seen = line.history().filter((one) => {
    return one.type === 'transition' && one.cause?.kind === 'restart-required' && one.at >= since
  })
  return seen.length >= restarts
}

const words = (counts: Counts): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} × ${count}`)
    .join(', ')
