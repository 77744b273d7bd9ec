import type { WASocket } from '@whiskeysockets/baileys'
import type { Lifeline } from '../index.ts'
import type { Cast } from './cast.ts'
import type { Claims } from './claims.ts'
import type { Tell } from './events.ts'
import type { LineRecord } from './line-record.ts'
import { bothWays, everybodyWrites, type Inbox, readBy } from './talk.ts'
import { until } from './until.ts'

const relinkMs = 20_000
const chatMs = 15_000

/** The phone unlinks the device: now, and only now, a code is needed. */
export async function unlinking(
  cast: Cast,
  line: Lifeline<WASocket>,
  record: LineRecord,
  inbox: Inbox,
  claims: Claims,
  tell: Tell,
): Promise<void> {
  const { phone, contacts } = cast
  const startedAt = performance.now()
  const healthyBefore = record.times('healthy')
  tell({ type: 'step', text: 'The phone unlinks the device.' })
  phone.unlink()
  const shown = await until(() => line.status.qr !== undefined, relinkMs)
  const code = line.status.qr?.code
  claims.took('from the unlinking to a code', performance.now() - startedAt)
  if (!claims.hold('A code appears, and the state says why', shown && code !== undefined, line.status.message)) return
  if (code === undefined) return
  tell({ type: 'code', code })
  await phone.scan(code)
  tell({ type: 'step', text: 'The phone scans the code.' })
  const linked = await until(() => record.times('healthy') > healthyBefore, relinkMs)
  claims.took('from the unlinking to healthy', performance.now() - startedAt)
  claims.hold('It is scanned, and the account is healthy', linked, `state ${line.status.state}`)

  const anew = ({ name }: { name: string }) => `Linked again? ${name}`
  await everybodyWrites(cast, contacts, anew)
  const both = await bothWays(inbox, contacts, anew, chatMs)
  claims.hold(
    'Every contact reads and is read on the new link',
    both,
    `${readBy(inbox, contacts, anew).length} of ${contacts.length}`,
  )
  tell({ type: 'step', text: 'All ten contacts write to the new link and are answered.' })
  const told = ['relink-needed', 'relinked'].every((kind) => record.notices.includes(kind))
  claims.hold('The owner was told: link needed, linked again', told, record.notices.join(', '))
}
