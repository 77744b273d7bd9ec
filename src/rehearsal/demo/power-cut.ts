import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayProcess } from './gateway-process.ts'
import { type HarmedFile, harmSessions, sha256 } from './harm.ts'
import type { Stage } from './stage.ts'
import { bothWays, everybodyWrites, type Inbox } from './talk.ts'
import { until } from './until.ts'

const pairingMs = 20_000
const chatMs = 15_000
/** The gateway is killed when it has read so many of the burst's messages, with the others under way. */
const readBeforeKill = 5
const burst = [1, 2]

/** What the power cut left behind. */
export interface Wreck {
  readonly files: readonly HarmedFile[]
  /** Of the account, as `identityIn` has it. */
  readonly identity: string
}

/** Begins the gateway's process. */
type Begin = (...of: Parameters<typeof GatewayProcess.begin>) => Pick<GatewayProcess, 'pid' | 'alive' | 'kill'>

/**
 * A gateway pairs, chats, and is killed at its work; its folder is left as a power cut leaves one. Undefined if it did
 * not come that far.
 */
export async function powerCut(stage: Stage, begin: Begin = GatewayProcess.begin): Promise<Wreck | undefined> {
  const { cast, folder, claims, tell } = stage
  const inbox: Inbox = new Set()
  const seen = { state: 'none', code: undefined as string | undefined }
  const gateway = begin(folder, cast.server, (message) => {
    if (message.type === 'read') inbox.add(message.text)
    else if (message.type === 'code') seen.code ??= message.code
    else {
      seen.state = message.state
      tell(message)
    }
  })
  const gone = () => !gateway.alive
  try {
    tell({ type: 'step', text: `A gateway starts in a process of its own (pid ${gateway.pid}), not linked yet.` })
    await until(() => seen.code !== undefined || gone(), pairingMs)
    if (seen.code !== undefined) {
      tell({ type: 'code', code: seen.code })
      await cast.phone.scan(seen.code)
      tell({ type: 'step', text: 'The phone scans the code.' })
    }
    await until(() => seen.state === 'healthy' || gone(), pairingMs)
    const paired = seen.code !== undefined && seen.state === 'healthy' && gateway.alive
    if (!claims.hold('A code is shown and scanned, and the account is healthy', paired, seen.state)) return undefined
    if (!(await chat(stage, inbox))) return undefined
    await killAtWork(stage, gateway, inbox)
  } finally {
    if (gateway.alive) await gateway.kill()
  }
  return wreck(stage)
}

async function chat({ cast, claims, tell }: Stage, inbox: Inbox): Promise<boolean> {
  const { contacts } = cast
  const hello = ({ name }: { name: string }) => `Hello from ${name}`
  await everybodyWrites(cast, contacts, hello)
  const chatted = await bothWays(inbox, contacts, hello, chatMs)
  tell({ type: 'step', text: `${inbox.size} contacts have written, were read, and have read the answers.` })
  return claims.hold('Ten contacts write, are read, and read the answers', chatted, `${inbox.size} read`)
}

async function killAtWork({ cast, claims, tell }: Stage, gateway: ReturnType<Begin>, inbox: Inbox): Promise<void> {
  const before = inbox.size
  const all = burst.length * cast.contacts.length
  for (const round of burst) await everybodyWrites(cast, cast.contacts, ({ name }) => `Burst ${round} from ${name}`)
  await until(() => inbox.size >= before + readBeforeKill, chatMs)
  const died = await gateway.kill()
  const unread = all - (inbox.size - before)
  const detail = `${died}, ${unread} of ${all} new messages unread`
  claims.hold('The gateway is killed while it reads and writes', died === 'SIGKILL' && unread > 0, detail)
  tell({ type: 'step', text: `kill -9 ${gateway.pid} while it reads and writes: ${detail}.` })
}

async function wreck({ cast, folder, claims, tell }: Stage): Promise<Wreck> {
  const identity = await identityIn(folder)
  const files = await harmSessions(folder, cast.harms)
  tell({ type: 'harm', files })
  const harmed = new Set(files.map(({ contact }) => contact)).size
  const detail = `${files.length} files of ${harmed} contacts`
  claims.hold('The session files of all ten contacts are damaged', harmed === cast.harms.length, detail)
  await everybodyWrites(cast, cast.contacts, ({ name }) => `While you were off, ${name}`)
  tell({ type: 'step', text: 'Each contact writes once more; the messages wait on the server.' })
  return { files, identity }
}

/** A digest of the identity key in creds.json: another pairing has another one. */
export async function identityIn(folder: string): Promise<string> {
  const { signedIdentityKey } = JSON.parse(await readFile(join(folder, 'creds.json'), 'utf8'))
  return sha256(Buffer.from(JSON.stringify(signedIdentityKey)))
}
