import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { muteConsole } from '../src/baileys/muted-console.ts'
import { createLifeline } from '../src/index.ts'
import { type Contact, type FakeWhatsApp, startFakeWhatsApp } from '../src/rehearsal/fake-whatsapp/index.ts'
import { ExampleLoop } from '../test/example-loop.ts'
import { ratioOf } from './rounds.ts'
import { SlowWire } from './slow-wire.ts'
import { damaged } from './story.ts'
import { median, type Row } from './table.ts'

const roundTripMs = 100
const writeEveryMs = 2_000
/** What is not cured by then counts as cured then. */
const mostMs = 60_000
const repeats = Number(process.env.LIFELINE_BENCH_CURES ?? 5)

interface Cure {
  /** From the login to the last helpful contact's first message that was read. */
  readonly ms: number
  /** Questions for the same message, of the contact that needed most. */
  readonly rounds: number
}

type Arm = 'ours' | 'theirs'

/** One account after its power cut; each contact writes every 2 s, beginning one after the other. */
async function cure(arm: Arm, server: FakeWhatsApp, baileys: typeof v7, number: string, url: string): Promise<Cure> {
  const { folder, contacts } = await damaged({ server, baileys, number, creds: 'whole' })
  const helpful = contacts.filter(({ resends }) => resends)
  const read = new Set<string>()
  let onRead: () => void = () => undefined
  const hear = (text: string) => {
    read.add(text)
    onRead()
  }
  const options = { ...server.clientOptions, waWebSocketUrl: url }
  const loggedIn = server.next('login', { account: number })
  const client =
    arm === 'ours' ? await supervised(baileys, folder, options, hear) : bare(baileys, folder, options, hear)
  await client.start()
  await loggedIn
  const since = performance.now()

  const sent: { contact: Contact; text: string; delivery: Awaited<ReturnType<Contact['send']>> }[] = []
  let count = 0
  const write = async (contact: Contact) => {
    count += 1
    const text = `${contact.name} ${count}`
    sent.push({ contact, text, delivery: await contact.send(number, text) })
  }
  const timers = contacts.map((contact, at) => {
    const first = setTimeout(write, (at * writeEveryMs) / contacts.length, contact)
    const each = setInterval(write, writeEveryMs, contact)
    return () => {
      clearTimeout(first)
      clearInterval(each)
    }
  })
  const isRead = (contact: Contact) => sent.some((one) => one.contact === contact && read.has(one.text))
  const all = new Promise<void>((resolve) => {
    onRead = () => helpful.every(isRead) && resolve()
  })
  let tooLate: NodeJS.Timeout | undefined
  await Promise.race([all, new Promise((resolve) => (tooLate = setTimeout(resolve, mostMs)))])
  clearTimeout(tooLate)
  const ms = performance.now() - since
  for (const stop of timers) stop()
  const rounds = helpful.map((contact) => {
    const first = sent.find((one) => one.contact === contact && read.has(one.text))
    return first?.delivery.retries.length ?? Number.POSITIVE_INFINITY
  })
  await client.end()
  return { ms, rounds: Math.max(...rounds) }
}

type Options = Partial<v7.UserFacingSocketConfig>
type Client = { start(): Promise<void>; end(): Promise<void> }
type Hear = (text: string) => void

async function supervised(baileys: typeof v7, folder: string, options: Options, hear: Hear): Promise<Client> {
  const line = createLifeline({
    auth: folder,
    connect: ({ auth, logger, caches }) => baileys.makeWASocket({ ...options, auth, logger, ...caches }),
  })
  line.ev.on('messages.upsert', ({ messages }) => {
    for (const { message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (text) hear(text)
    }
  })
  return { start: () => line.start(), end: () => line.stop() }
}

function bare(baileys: typeof v7, folder: string, options: Options, hear: Hear): Client {
  const loop = new ExampleLoop(baileys, folder, options, hear)
  return { start: () => loop.start(), end: async () => loop.end() }
}

function words(all: readonly Cure[]): string {
  const most = Math.max(...all.map(({ rounds }) => rounds))
  const questions = Number.isFinite(most) ? `at most ${most}` : 'some were never read'
  return `${(median(all.map(({ ms }) => ms)) / 1_000).toFixed(2)} s; questions for one message: ${questions}`
}

/**
 * Ten damaged sessions, half of their contacts answer when they are asked to send again: from the login to the last of
 * those read. A round trip of 100 ms; both arms at the same time, since most of it is waiting.
 */
export async function cures(): Promise<Row[]> {
  const unmute = muteConsole()
  const server = await startFakeWhatsApp({ seed: 'bench', claimedPreKeys: 1 })
  const wire = await SlowWire.to(server.clientOptions.waWebSocketUrl, roundTripMs)
  const versions = [
    { name: '7', baileys: v7, target: '<= 0.4' },
    { name: '6', baileys: v6 as unknown as typeof v7, target: '<= 0.15' },
  ]
  for (const { baileys } of versions) server.trust(baileys)
  const rows: Row[] = []
  try {
    for (const [at, { name, baileys, target }] of versions.entries()) {
      const ours: Cure[] = []
      const theirs: Cure[] = []
      for (let round = 0; round < repeats; round += 1) {
        const number = (arm: number) => `4917000${at}${round}00${arm}`
        const [mine, other] = await Promise.all([
          cure('ours', server, baileys, number(1), wire.url),
          cure('theirs', server, baileys, number(2), wire.url),
        ])
        ours.push(mine)
        theirs.push(other)
      }
      rows.push({
        what: `after a power cut with Baileys ${name}: from the login to every helpful one of ten damaged contacts read`,
        ours: words(ours),
        beside: `Baileys' example loop: ${words(theirs)}`,
        ratio: ratioOf(
          ours.map(({ ms }) => ms),
          theirs.map(({ ms }) => ms),
        ),
        target,
      })
    }
    return rows
  } finally {
    wire.close()
    await server.stop()
    unmute()
  }
}
