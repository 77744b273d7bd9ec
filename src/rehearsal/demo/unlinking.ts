import { fileAuthStore } from '../../index.ts'
import { codeShownMs } from './pace.ts'
import type { SupervisedStage } from './stage.ts'
import { bothWays, everybodyWrites, readBy } from './talk.ts'
import { until } from './until.ts'

const relinkMs = 20_000
const chatMs = 15_000
/** How long the second code is shown before it is scanned. */
const nextShownMs = codeShownMs / 2

/** The phone unlinks the device: now, and only now, a code is needed. */
export async function unlinking(stage: SupervisedStage): Promise<void> {
  const { cast, line, record, claims, tell } = stage
  const startedAt = performance.now()
  const healthyBefore = record.times('healthy')
  tell({ type: 'step', text: 'The phone unlinks the device.' })
  cast.phone.unlink()
  await until(() => line.status.qr !== undefined, relinkMs)
  const { qr, message } = line.status
  claims.took('from the unlinking to a code', performance.now() - startedAt)
  claims.hold('A code appears, and the status says why', qr !== undefined, message)
  if (!qr) return
  tell({ type: 'code', code: qr.code })
  const next = () => (line.status.qr?.number === qr.number + 1 ? line.status.qr : undefined)
  await until(() => next() !== undefined, codeShownMs * 2)
  const code = next()
  claims.hold('WhatsApp lets the code expire, and its successor takes its place', code !== undefined, line.status.state)
  if (!code) return
  tell({ type: 'step', text: 'Nobody scanned it in time: the next code.' })
  tell({ type: 'code', code: code.code })
  await new Promise((resolve) => setTimeout(resolve, nextShownMs))
  await cast.phone.scan(code.code)
  tell({ type: 'step', text: 'The phone scans the code.' })
  const linked = await until(() => record.times('healthy') > healthyBefore, relinkMs)
  claims.took('from the unlinking to healthy', performance.now() - startedAt)
  claims.hold('It is scanned, and the account is healthy', linked, line.status.state)
  await chat(stage)

  const told = ['relink-needed', 'relinked'].every((kind) => record.notices.includes(kind))
  claims.hold('The owner was told: a new link is needed, and it is there', told, record.notices.join(', '))
  const entries = await fileAuthStore(stage.folder).quarantined()
  const kept = entries.some(({ files }) => files.some(({ name }) => name === 'creds.json'))
  claims.hold('The dead credentials are kept in the quarantine, too', kept, `${entries.length} entries`)
}

async function chat({ cast, inbox, claims, tell }: SupervisedStage): Promise<void> {
  const { contacts } = cast
  const anew = ({ name }: { name: string }) => `Linked again? ${name}`
  await everybodyWrites(cast, contacts, anew)
  const both = await bothWays(inbox, contacts, anew, chatMs)
  const read = `${readBy(inbox, contacts, anew).length} of ${contacts.length}`
  tell({ type: 'step', text: `${read} contacts write to the new link, are read, and read the answers.` })
  claims.hold('Every contact reads and is read on the new link', both, read)
}
