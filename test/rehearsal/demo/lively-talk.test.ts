import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { answerEverybody, answerTo } from '../../../src/rehearsal/demo/bot.ts'
import { owner } from '../../../src/rehearsal/demo/cast.ts'
import { Claims } from '../../../src/rehearsal/demo/claims.ts'
import { livelyTalk } from '../../../src/rehearsal/demo/lively-talk.ts'
import { Contact } from '../../../src/rehearsal/fake-whatsapp/index.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Hands {
  /** What of a text to a contact arrives, by how often it is shown; default: once. */
  readonly shown?: (text: string) => number
  /** The same of a text to the account. */
  readonly told?: (text: string) => number
}

/** Two contacts and a bot to whom everything comes at once, but for what the test says. */
function stage({ shown = () => 1, told: times = () => 1 }: Hands = {}) {
  const told: { text?: string }[] = []
  const sent: { id: string; text: string; copies: { asked: unknown[] }[] }[] = [
    { id: 'earlier', text: 'earlier', copies: [{ asked: [1, 2, 3] }] },
  ]
  const ev = new EventEmitter()
  let count = 0
  const contact = (name: string): Contact => {
    const device = { id: 0, received: [] as string[] }
    const jid = `${name}@jid`
    return Object.setPrototypeOf(
      {
        ...{ name, jid, lid: undefined, from: jid, devices: [device], received: device.received },
        sendFrom: async (_device: number, to: unknown, text: string) => {
          expect(to).toBe(owner)
          count += 1
          const key = { id: `W${count}`, remoteJid: jid, fromMe: false }
          const messages = [{ key, message: { conversation: text } }]
          for (let time = 0; time < times(text); time += 1) ev.emit('messages.upsert', { type: 'notify', messages })
          return { id: key.id, receipts: times(text) > 0 ? [1] : [], retries: [] }
        },
      },
      Contact.prototype,
    )
  }
  const contacts = ['Ada', 'Bela'].map(contact)
  const sendMessage = async (jid: string, { text }: { text: string }) => {
    count += 1
    const id = `S${count}`
    // Each copy is asked for once more.
    sent.push({ id, text, copies: [{ asked: [1] }] })
    const { received } = contacts.find((one) => one.jid === jid)?.devices[0] ?? { received: [] }
    for (let time = 0; time < shown(text); time += 1) (received as string[]).push(text)
    return { key: { id } }
  }
  const line = { ev, socket: { sendMessage } }
  const server = {
    onEvent: () => () => undefined,
    sentBy: (account: string) => (account === owner ? sent : []),
    sentMessage: (id: string) => sent.find((one) => one.id === id),
  }
  answerEverybody(line as never, () => undefined)
  const claims = new Claims()
  const all = { cast: { server, contacts }, line, claims, tell: (event: object) => void told.push(event) }
  const play = async () => {
    const playing = livelyTalk(all as never)
    playing.catch(() => undefined)
    await vi.advanceTimersByTimeAsync(60_000)
    await playing
    return claims.list.map(({ held }) => held)
  }
  return { play, claims, told }
}

test('a lively talk is well where all that is written both ways is read and answered, each text once', async () => {
  const { play, claims, told } = stage()
  expect(await play()).toEqual([true, true])
  const words = 'the account: 6 of 6 read; contacts: 6 of 6 read, 6 asked again, 6 of 6 answers'
  expect(claims.list[0]?.detail).toBe(words)
  // Six that were sent unasked, and six answers; what was asked again before counts for nothing.
  expect(claims.list[1]?.detail).toBe(`12 asked again; ${words}`)
  expect(told.map(({ text }) => text)).toEqual([
    'Everybody writes to the account, and it writes to everybody, all at once.',
    `Of 6 messages in and 12 out: ${words}.`,
  ])
})

test.each<[string, Hands, readonly boolean[]]>([
  ['the account is not told of', { told: (text) => (text.endsWith('Ada 1') ? 0 : 1) }, [false, true]],
  ['a contact cannot read', { shown: (text) => (/to Ada@jid 1$/.test(text) ? 0 : 1) }, [false, true]],
  [
    'is not answered',
    { shown: (text) => (text.startsWith(answerTo('')) && / Bela 2$/.test(text) ? 0 : 1) },
    [false, true],
  ],
  ['the account is told twice', { told: (text) => (text.endsWith('Ada 1') ? 2 : 1) }, [true, false]],
  ['a contact is shown twice', { shown: (text) => (/to Ada@jid 1$/.test(text) ? 2 : 1) }, [true, false]],
])('a text that %s is told for what it is', async (_, hands, held) => {
  expect(await stage(hands).play()).toEqual(held)
})
