import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileAuthStore } from '../index.ts'
import { muteConsole } from '../muted-console.ts'
import { answerEverybody, supervise } from './bot.ts'
import { type Cast, gather, owner } from './cast.ts'
import { Claims } from './claims.ts'
import type { QuarantineRow, Summary, Tell } from './events.ts'
import { LineRecord, tally } from './line-record.ts'
import { demoPolicy, paceFactor } from './pace.ts'
import { powerCut, type Wreck } from './power-cut.ts'
import { recovery } from './recovery.ts'
import { stateSteps } from './steps.ts'
import type { Inbox } from './talk.ts'
import { unlinking } from './unlinking.ts'

/** So many checks make the whole story; fewer mean that it broke off. */
const claimsOfAll = 17
const stopMs = 5_000

const acts = {
  one: {
    title: 'Act 1: the power cut',
    text: 'A gateway is killed at work and its session files are torn; at the reboot every message fails, the server answers 440, then 515.',
  },
  two: {
    title: 'Act 2: the phone unlinks the device',
    text: 'Now the credentials are truly dead. Only now is a person asked for anything: to scan a code.',
  },
} as const

/** Plays both acts in a folder of its own, which is removed at the end unless it is to be kept. */
export async function playStory(tell: Tell, { folder }: { readonly folder?: string } = {}): Promise<Summary> {
  const startedAt = performance.now()
  const unmute = muteConsole()
  const parent = await mkdtemp(join(tmpdir(), 'lifeline-demo-'))
  const auth = folder ?? join(parent, 'auth')
  const cast = await gather()
  const claims = new Claims()
  const record = new LineRecord()
  try {
    tell({ type: 'opening', server: cast.server.url, pace: paceFactor })
    tell({ type: 'act', ...acts.one })
    const wreck = await powerCut(cast, auth, claims, tell)
    const closes = wreck ? await reboot(cast, auth, wreck, record, claims, tell) : {}
    const quarantine = wreck ? await quarantineRows(auth) : []
    const summary: Summary = {
      ok: claims.allOf(claimsOfAll),
      totalMs: Math.round(performance.now() - startedAt),
      closes,
      unreadable: record.unreadable,
      notices: tally(record.notices),
      spans: claims.spans,
      quarantine,
      claims: claims.list,
    }
    tell({ type: 'summary', ...summary })
    return summary
  } finally {
    await cast.server.stop()
    await rm(parent, { recursive: true, force: true })
    unmute()
  }
}

async function reboot(
  cast: Cast,
  auth: string,
  wreck: Wreck,
  record: LineRecord,
  claims: Claims,
  tell: Tell,
): Promise<Readonly<Record<string, number>>> {
  const inbox: Inbox = new Set()
  const bootedAt = Date.now()
  tell({ type: 'step', text: 'Power is back: the gateway starts again on the same folder.' })
  const line = supervise({ auth, server: cast.server, policy: demoPolicy, logger: record.logger })
  record.follow(line)
  stateSteps(line, (step) => tell({ type: 'state', ...step }))
  line.on('notice', ({ kind, message }) => tell({ type: 'notice', kind, message }))
  answerEverybody(line, ({ text }) => inbox.add(text))
  const pairedBefore = pairings(cast)
  try {
    const healed = await recovery(cast, line, record, inbox, claims, tell)
    if (healed) {
      await checkAct(cast, auth, wreck, pairedBefore, claims)
      tell({ type: 'act', ...acts.two })
      await unlinking(cast, line, record, inbox, claims, tell)
    }
  } finally {
    const stoppedAt = performance.now()
    await line.stop()
    const ms = performance.now() - stoppedAt
    claims.hold('It stops clean and lets go of the folder', ms < stopMs && (await isFree(auth)), `${Math.round(ms)} ms`)
  }
  const causes = line.history().flatMap((entry) => {
    return entry.type === 'transition' && entry.cause && entry.at >= bootedAt ? [entry.cause] : []
  })
  return tally(causes.map(({ code, kind }) => `${code ?? ''} ${kind}`.trim()))
}

/** What the first act promises beyond being healthy. */
async function checkAct(cast: Cast, auth: string, wreck: Wreck, pairedBefore: number, claims: Claims): Promise<void> {
  const entries = await fileAuthStore(auth).quarantined()
  const kept = new Set(entries.flatMap(({ files }) => files.map(({ sha256 }) => sha256)))
  const found = wreck.files.filter(({ sha256 }) => kept.has(sha256)).length
  const asked = pairings(cast) - pairedBefore
  claims.hold('No code was shown and nothing was paired anew', asked === 0, `${asked} pairings`)
  claims.hold(
    'Every damaged file lies in the quarantine, byte for byte',
    found === wreck.files.length,
    `${found} of ${wreck.files.length}`,
  )
  const creds = entries.some(({ files }) => files.some(({ name }) => name === 'creds.json'))
  claims.hold('creds.json never left its place', !creds, 'not in the quarantine')
  const peak = cast.server.peak(owner)
  claims.hold('There was never more than one connection of the account', peak === 1, `at most ${peak}`)
}

const pairings = ({ server }: Cast): number => server.events.filter(({ kind }) => kind === 'paired').length

async function isFree(auth: string): Promise<boolean> {
  const store = fileAuthStore(auth)
  try {
    await store.acquire()
    return true
  } catch {
    return false
  } finally {
    await store.release()
  }
}

async function quarantineRows(auth: string): Promise<readonly QuarantineRow[]> {
  const entries = await fileAuthStore(auth).quarantined()
  return entries.map(({ id, reason, files }) => ({
    id,
    reason,
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  }))
}
