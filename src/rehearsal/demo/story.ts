import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { muteConsole } from '../../baileys/muted-console.ts'
import { fileAuthStore, type Lifeline } from '../../index.ts'
import { stateSteps } from '../../line/state-steps.ts'
import { answerEverybody, supervise } from './bot.ts'
import { gather } from './cast.ts'
import { Claims } from './claims.ts'
import type { Counts, QuarantineRow, Summary, Tell } from './events.ts'
import { LineRecord, tally } from './line-record.ts'
import { livelyTalk } from './lively-talk.ts'
import { codeShownMs, demoPolicy, paceFactor } from './pace.ts'
import { powerCut, type Wreck } from './power-cut.ts'
import { recovery } from './recovery.ts'
import type { Stage, SupervisedStage } from './stage.ts'
import { unlinking } from './unlinking.ts'
import { checkWreck } from './wreck-check.ts'

/** So many checks make the whole story; fewer mean that it broke off. */
const claimsOfAll = 21
/** What `stop()` promises. */
const stopMs = 5_000

const acts = {
  one: {
    title: 'Act 1: the power cut',
    text: 'A gateway is killed at its work and its session files are torn. At the reboot every message fails, the server answers 440, then 515. Nobody touches anything.',
  },
  two: {
    title: 'Act 2: the phone unlinks the device',
    text: 'Now the credentials are truly dead. Only now a person is asked for something: to scan a code.',
  },
} as const

/** Who plays, and what is played. */
const scenes = { gather, powerCut: (stage: Stage) => powerCut(stage), recovery, livelyTalk, checkWreck, unlinking }

interface StoryOptions {
  /** A folder that does not hold an account yet; default: one that is removed at the end. */
  readonly keep?: string | undefined
  /** Is shown the account that is supervised here, before it starts. */
  readonly onLine?: (line: Lifeline) => void
}

/** Plays both acts. */
export async function playStory(tell: Tell, { keep, onLine }: StoryOptions = {}, played = scenes): Promise<Summary> {
  const startedAt = performance.now()
  const unmute = muteConsole()
  const parent = await mkdtemp(join(tmpdir(), 'lifeline-demo-'))
  const stage: Stage = { cast: await played.gather(), folder: keep ?? join(parent, 'auth'), claims: new Claims(), tell }
  try {
    tell({ type: 'opening', pace: paceFactor })
    tell({ type: 'act', ...acts.one })
    const wreck = await played.powerCut(stage)
    const seen = wreck
      ? await afterReboot(stage, wreck, played, onLine)
      : { closes: {}, unreadable: {}, notices: {}, quarantine: [] }
    const { claims } = stage
    const summary: Summary = {
      ok: claims.allOf(claimsOfAll),
      totalMs: Math.round(performance.now() - startedAt),
      ...seen,
      spans: claims.spans,
      claims: claims.list,
    }
    tell({ type: 'summary', ...summary })
    return summary
  } finally {
    await stage.cast.server.stop()
    await rm(parent, { recursive: true, force: true })
    unmute()
  }
}

type Seen = Pick<Summary, 'closes' | 'unreadable' | 'notices' | 'quarantine'>

async function afterReboot(
  stage: Stage,
  wreck: Wreck,
  { recovery, livelyTalk, checkWreck, unlinking }: typeof scenes,
  onLine: StoryOptions['onLine'],
): Promise<Seen> {
  const { tell, folder, cast, claims } = stage
  const record = new LineRecord()
  const line = supervise({
    auth: folder,
    server: cast.server,
    policy: demoPolicy,
    logger: record.logger,
    qrTimeout: codeShownMs,
  })
  const supervised: SupervisedStage = { ...stage, line, record, inbox: new Set() }
  stateSteps(line, ({ at: _at, status: _status, ...step }) => tell({ type: 'state', ...step }))
  line.on('notice', ({ kind, message }) => tell({ type: 'notice', kind, message }))
  record.follow(line)
  onLine?.(line)
  answerEverybody(line, ({ text }) => supervised.inbox.add(text))
  const closes: Record<string, Counts> = {}
  let since = Date.now()
  const countCloses = (act: string) => {
    closes[act] = closesSince(supervised, since)
    since = Date.now()
  }
  try {
    const healed = await recovery(supervised)
    countCloses('act 1')
    if (healed) {
      await livelyTalk(supervised)
      await checkWreck(supervised, wreck)
      tell({ type: 'act', ...acts.two })
      await unlinking(supervised)
      countCloses('act 2')
    }
  } finally {
    const stoppedAt = performance.now()
    await line.stop()
    const ms = Math.round(performance.now() - stoppedAt)
    claims.hold('It stops clean and lets go of the folder', ms < stopMs && (await isFree(folder)), `${ms} ms`)
  }
  return {
    closes,
    unreadable: record.unreadable,
    notices: tally(record.notices),
    quarantine: await quarantineRows(folder),
  }
}

function closesSince({ line }: SupervisedStage, since: number): Counts {
  const causes = line.history().flatMap((entry) => {
    return entry.type === 'transition' && entry.cause && entry.at >= since ? [entry.cause] : []
  })
  return tally(causes.map(({ code, kind }) => [code, kind].filter((part) => part !== undefined).join(' ')))
}

async function isFree(folder: string): Promise<boolean> {
  const store = fileAuthStore(folder)
  try {
    await store.acquire()
    return true
  } catch {
    return false
  } finally {
    await store.release()
  }
}

async function quarantineRows(folder: string): Promise<readonly QuarantineRow[]> {
  const entries = await fileAuthStore(folder).quarantined()
  return entries.map(({ id, reason, files }) => ({
    id,
    reason,
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  }))
}
