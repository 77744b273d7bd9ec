import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cast } from './cast.ts'
import type { Claims } from './claims.ts'
import type { Tell } from './events.ts'
import { GatewayProcess } from './gateway-process.ts'
import { type HarmedFile, harmSessions, sha256 } from './harm.ts'
import { bothWays, everybodyWrites, type Inbox } from './talk.ts'
import { until } from './until.ts'

const pairingMs = 20_000
const chatMs = 15_000
/** The gateway is killed when it has read so many of the burst's messages, with the others under way. */
const readBeforeKill = 5

/** What the power cut left behind. */
export interface Wreck {
  readonly files: readonly HarmedFile[]
  /** Of creds.json, which was not touched. */
  readonly credsSha256: string
}

/** A gateway pairs, chats and is killed in the middle of its work; then its folder is left as a power cut leaves one. Undefined if it did not come that far. */
export async function powerCut(cast: Cast, folder: string, claims: Claims, tell: Tell): Promise<Wreck | undefined> {
  const { server, phone, contacts, harms } = cast
  const inbox: Inbox = new Set()
  let state = ''
  let code: string | undefined
  const gateway = new GatewayProcess(folder, server, (message) => {
    if (message.type === 'read') inbox.add(message.text)
    else if (message.type === 'code') code ??= message.code
    else {
      state = message.state
      tell(message)
    }
  })
  try {
    tell({ type: 'step', text: `A gateway starts in a process of its own (pid ${gateway.pid}), not linked yet.` })
    await until(() => code !== undefined || !gateway.alive, pairingMs)
    if (code !== undefined) {
      tell({ type: 'code', code })
      await phone.scan(code)
      tell({ type: 'step', text: 'The phone scans the code.' })
    }
    const paired = await until(() => state === 'healthy' || !gateway.alive, pairingMs)
    if (
      !claims.hold('A code is shown, scanned, and the account is healthy', paired && gateway.alive, state || 'no state')
    )
      return undefined

    const hello = ({ name }: { name: string }) => `Hello from ${name}`
    await everybodyWrites(cast, contacts, hello)
    const chatted = await bothWays(inbox, contacts, hello, chatMs)
    if (!claims.hold('Ten contacts write and are read, and read the answers', chatted, `${inbox.size} texts read`))
      return undefined
    tell({ type: 'step', text: 'Ten contacts write; the gateway reads and answers each of them.' })

    const readSoFar = inbox.size
    for (const round of [1, 2]) await everybodyWrites(cast, contacts, ({ name }) => `Burst ${round} from ${name}`)
    await until(() => inbox.size >= readSoFar + readBeforeKill, chatMs)
    const died = await gateway.kill()
    const unread = 20 - (inbox.size - readSoFar)
    claims.hold(
      'The gateway is killed while it reads and writes',
      died === 'SIGKILL' && unread > 0,
      `${died}, ${unread} of 20 messages unread`,
    )
    tell({ type: 'step', text: `kill -9 ${gateway.pid}: the gateway is gone, ${unread} of 20 new messages unread.` })
  } finally {
    if (gateway.alive) await gateway.kill()
  }
  return wreck(cast, folder, harms, claims, tell)
}

async function wreck(cast: Cast, folder: string, harms: Cast['harms'], claims: Claims, tell: Tell): Promise<Wreck> {
  await everybodyWrites(cast, cast.contacts, ({ name }) => `While you were off, ${name}`)
  const files = await harmSessions(folder, harms)
  tell({ type: 'harm', files })
  const harmed = new Set(files.map(({ contact }) => contact)).size
  claims.hold('The session files of all ten contacts are damaged', harmed === harms.length, `${files.length} files`)
  return { files, credsSha256: sha256(await readFile(join(folder, 'creds.json'))) }
}
