import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { isOpen } from '../machines/open-states.ts'
import { type SignalEvent, tapConsole } from '../src/baileys/console-tap.ts'
import { muteConsole } from '../src/baileys/muted-console.ts'
import { createLifeline } from '../src/index.ts'
import { type HarmKind, harmSessions } from '../src/rehearsal/demo/harm.ts'
import { type Contact, type FakeWhatsApp, faults, startFakeWhatsApp } from '../src/rehearsal/fake-whatsapp/index.ts'
import { ExampleLoop } from '../test/example-loop.ts'
import { linkedFolder } from './account.ts'
import type { Row } from './table.ts'

const harms: readonly HarmKind[] = ['foreign', 'empty', 'nul-filled', 'half-written', 'foreign']
/** The server lets messages fail for so long before it answers 440; the login after that is answered 515. */
const conflictAfterMs = 5_000
const writeEveryMs = 2_000
/** Both arms are given up after this. */
const mostMs = 200_000
const target = 150_000

/** One arm: a way to keep an account connected. */
interface Arm {
  readonly start: () => Promise<void>
  readonly send: (jid: string, text: string) => Promise<unknown>
  readonly end: () => Promise<void>
  readonly isOpen: () => boolean
  readonly askedToPair: () => boolean
}

/** An account before its power cut, and what that leaves of creds.json. */
export interface Account {
  readonly server: FakeWhatsApp
  readonly baileys: typeof v7
  readonly number: string
  readonly creds: 'whole' | 'torn'
}

interface Outcome {
  readonly helpfulMs: number | undefined
  readonly openMs: number | undefined
  readonly helpful: number
  readonly silent: number
  readonly askedToPair: boolean
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Ten contacts, five of whom never resend, and their account, after a chat and a power cut. */
export async function damaged({ server, baileys, number, creds }: Account) {
  const folder = await linkedFolder(server, number, baileys)
  const contacts = Array.from({ length: 10 }, (_, index) =>
    server.contact(`${number}-${index}`, { resends: index < harms.length }),
  )
  let opened: () => void = () => undefined
  const open = new Promise<void>((resolve) => {
    opened = resolve
  })
  const read = new Set<string>()
  const client = new ExampleLoop(baileys, folder, server.clientOptions, (text) => read.add(text), opened)
  await client.start()
  await open
  for (const contact of contacts) await (await contact.send(number, 'hello')).delivered()
  for (const contact of contacts) {
    const answered = contact.nextReceived()
    await client.sock?.sendMessage(contact.jid, { text: 'hello too' })
    await answered
    await (await contact.send(number, 'and again')).delivered()
  }
  const closed = server.next('closed', { account: number })
  client.end()
  await closed
  await harmSessions(
    folder,
    contacts.map((contact, index) => ({ contact, harm: harms[index % harms.length] ?? 'foreign' })),
  )
  if (creds === 'torn') {
    const path = join(folder, 'creds.json')
    const bytes = await readFile(path)
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length / 2)))
  }
  return { folder, contacts }
}

/** Plays the seed story for one account: everybody writes all the time; 440 after a while, 515 at the next login. */
async function play(
  server: FakeWhatsApp,
  number: string,
  contacts: readonly Contact[],
  arm: Arm,
  read: ReadonlySet<string>,
): Promise<Outcome> {
  const startedAt = performance.now()
  const since = () => performance.now() - startedAt
  await arm.start()
  let round = 0
  let troubled = 0
  let helpfulMs: number | undefined
  let openMs: number | undefined
  const helpful = contacts.filter(({ resends }) => resends)
  const unheard = contacts.filter(({ resends }) => !resends)
  /** What each contact wrote after the last trouble: only that counts. */
  const fresh = new Map<Contact, string[]>(contacts.map((contact) => [contact, []]))
  while (since() < mostMs && helpfulMs === undefined && !arm.askedToPair()) {
    round += 1
    for (const contact of contacts) {
      const text = `${contact.name} round ${round}`
      if (troubled > 0) fresh.get(contact)?.push(text)
      await contact.send(number, text)
    }
    if (troubled === 0 && since() >= conflictAfterMs) {
      server.onNextLogin(faults.restartRequired, { account: number })
      server.now(faults.replaced, number)
      troubled = since()
    }
    await pause(writeEveryMs)
    const heard = (contact: Contact) => fresh.get(contact)?.some((text) => read.has(text)) ?? false
    if (troubled > 0 && since() > troubled + writeEveryMs && arm.isOpen()) {
      openMs ??= since()
      if (helpful.every(heard)) helpfulMs = since()
    }
  }
  for (const { jid } of unheard) await arm.send(jid, 'please write again').catch(() => undefined)
  await pause(writeEveryMs)
  const again = new Map(unheard.map((contact) => [contact, `again ${contact.name}`]))
  for (const [contact, text] of again) await contact.send(number, text)
  await pause(5 * writeEveryMs)
  return {
    helpfulMs,
    openMs,
    helpful: helpful.filter((contact) => [...read].some((text) => text.startsWith(`${contact.name} round`))).length,
    silent: [...again.values()].filter((text) => read.has(text)).length,
    askedToPair: arm.askedToPair(),
  }
}

async function supervisedArm(account: Account): Promise<Outcome> {
  const { server, baileys, number } = account
  const { folder, contacts } = await damaged(account)
  const read = new Set<string>()
  const line = createLifeline({
    auth: folder,
    connect: ({ auth, logger, caches }) => baileys.makeWASocket({ ...server.clientOptions, auth, logger, ...caches }),
  })
  line.ev.on('messages.upsert', ({ messages }) => {
    for (const { message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (text) read.add(text)
    }
  })
  const arm: Arm = {
    start: () => line.start(),
    send: async (jid, text) => line.socket?.sendMessage(jid, { text }),
    end: () => line.stop(),
    isOpen: () => isOpen(line.status.state),
    askedToPair: () => line.status.state === 'awaitingQr',
  }
  const outcome = await play(server, number, contacts, arm, read)
  await arm.end()
  return outcome
}

/** Baileys' own example loop; `deletes`: it also deletes the session of each "Bad MAC" line, as gateways do. */
async function exampleArm(account: Account, deletes = false): Promise<Outcome> {
  const { server, baileys, number } = account
  const { folder, contacts } = await damaged(account)
  const read = new Set<string>()
  const client = new ExampleLoop(baileys, folder, server.clientOptions, (text) => read.add(text))
  const untap = deletes ? tapConsole((event) => void deleteSession(client, event)) : () => undefined
  const arm: Arm = {
    start: () => client.start(),
    send: async (jid, text) => client.sock?.sendMessage(jid, { text }),
    end: async () => client.end(),
    isOpen: () => server.connections.some((connection) => connection.account === number),
    askedToPair: () => client.askedToPair,
  }
  const outcome = await play(server, number, contacts, arm, read)
  await arm.end()
  untap()
  return outcome
}

/** Through the key store, so that Baileys' caches agree, which is more than deleting the file does. */
async function deleteSession({ sock }: ExampleLoop, event: SignalEvent): Promise<void> {
  if (event.type !== 'decrypt-failed' || event.address === undefined) return
  if (!event.errors.some((error) => error.includes('Bad MAC'))) return
  await Promise.resolve(sock?.authState.keys.set({ session: { [event.address]: null } })).catch(() => undefined)
}

const seconds = (ms: number | undefined): string => (ms === undefined ? 'never' : `after ${(ms / 1000).toFixed(1)} s`)

const words = ({ helpfulMs, openMs, helpful, silent, askedToPair }: Outcome): string =>
  askedToPair
    ? 'shows a new QR code: somebody has to pair again'
    : `every helpful contact read ${seconds(helpfulMs)} (${helpful} of 5 at some time), open ${seconds(openMs)}; never-resending read after the account wrote: ${silent} of 5`

/**
 * The seed story with the default policy, beside Baileys' own example loop on the same damage; all at the same time,
 * since most of it is waiting.
 */
export async function story(): Promise<Row[]> {
  const unmute = muteConsole()
  const server = await startFakeWhatsApp({ seed: 'bench' })
  const stories = [
    { name: '7', baileys: v7, creds: 'whole' },
    { name: '7', baileys: v7, creds: 'torn' },
    { name: '6', baileys: v6 as unknown as typeof v7, creds: 'whole' },
  ] as const
  for (const { baileys } of stories) server.trust(baileys)
  try {
    const rows = await Promise.all(
      stories.map(async ({ name, baileys, creds }, index) => {
        const parts = { server, baileys, creds }
        const [ours, theirs, deleting] = await Promise.all([
          supervisedArm({ ...parts, number: `4917000001${index}1` }),
          exampleArm({ ...parts, number: `4917000001${index}2` }),
          // Without credentials there is nothing to delete for.
          creds === 'whole' ? exampleArm({ ...parts, number: `4917000001${index}3` }, true) : undefined,
        ])
        const what = `seed story with Baileys ${name}, default policy: ten damaged contacts, creds.json ${creds}, 440, 515`
        const row = { what, ours: words(ours), target: `every helpful contact readable within ${target / 1000} s` }
        return [
          { ...row, beside: `Baileys' example loop: ${words(theirs)}` },
          ...(deleting
            ? [{ ...row, beside: `the loop that deletes a session on each Bad MAC line: ${words(deleting)}` }]
            : []),
        ]
      }),
    )
    return rows.flat()
  } finally {
    await server.stop()
    unmute()
  }
}
