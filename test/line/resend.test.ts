import { cpSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Contact } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Client, muteConsole } from '../rehearsal/fake-whatsapp/client.ts'
import { inTurn } from '../share.ts'
import type { Gateway } from './gateway.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

type Bare = Client & { readonly number: string }

/** A sentence without a copy. */
let said = 0
const words = (what: string): string => `${what} ${++said}`

describe.each(today)('what a contact could not read and asks for again, with $name', ({ name, baileys }) => {
  let world: World
  const clients: Client[] = []
  beforeEach(() => void muteConsole())
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.remove()))
    await world.calm()
  })
  afterAll(() => world.close())

  let accounts = 0
  const newNumber = () => `49171${String(++accounts).padStart(7, '0')}`

  /** Baileys alone, on its own store, in the same run. */
  async function alone(): Promise<Bare> {
    const number = newNumber()
    const client = await Client.on(world.server, baileys)
    clients.push(client)
    await client.link(number)
    return Object.assign(client, { number })
  }

  /** A message to whoever it may be; resolves with its id once these devices have read it. */
  async function readBy(
    contacts: readonly Contact[],
    send: (text: string) => Promise<string>,
    what = 'hello',
  ): Promise<string> {
    const devices = contacts.flatMap((contact) => contact.devices)
    const read = Promise.all(devices.map((device) => device.nextReceived()))
    const id = await send(words(what))
    await read
    return id
  }
  const saying = (account: Client | Gateway, jid: string) => async (text: string) => {
    const socket = account instanceof Client ? account.sock : account.line.socket
    return (await socket?.sendMessage(jid, { text }))?.key.id ?? ''
  }
  /**
   * How the copies of a message fared at the devices of a contact: how often each came, whether it was read, how often
   * it was asked for.
   */
  const copies = (id: string, contact: Contact) =>
    (world.server.sentMessage(id)?.copies ?? [])
      .filter(({ to }) => contact.devices.some(({ jid }) => jid === to))
      .map(({ came, read, asked }) => ({ came, read, asked: asked.length }))
  /**
   * Sends what these devices will not be able to read. Resolves with its id when the account is through with so many
   * questions for it.
   */
  async function unread(account: Bare | Gateway, jid: string, questions: number): Promise<string> {
    const id = await saying(account, jid)(words('not for these eyes'))
    const about = { account: account.number, detail: id } as const
    const taken = () =>
      world.server.events.filter(
        (event) => event.kind === 'receipt-taken' && event.account === about.account && event.detail === id,
      )
    while (taken().length < questions) await world.server.next('receipt-taken', about)
    return id
  }

  test('is sent again, once for each question, also by Baileys 6, which has nothing to send', async () => {
    const bare = await alone()
    const anna = world.server.contact('anna alone')
    await readBy([anna], saying(bare, anna.jid))
    anna.forget(bare.number)
    const lost = await unread(bare, anna.jid, 1)
    expect(copies(lost, anna)).toEqual([
      name === 'v6' ? { came: 1, read: false, asked: 1 } : { came: 2, read: true, asked: 1 },
    ])

    const gateway = await world.linked(newNumber())
    const bert = world.server.contact('bert supervised')
    await readBy([bert], saying(gateway, bert.jid))
    bert.forget(gateway.number)
    const id = await readBy([bert], saying(gateway, bert.jid), 'once more')
    expect(copies(id, bert)).toEqual([{ came: 2, read: true, asked: 1 }])
    expect(gateway.line.retriesAsked).toEqual({ contacts: 1, own: 0 })
    expect(gateway.path).not.toContain('degraded')
  })

  test('reaches every device of the contact that asks for it', async () => {
    const bare = await alone()
    const anna = world.server.contact('anna of two alone', { devices: 2 })
    await readBy([anna], saying(bare, anna.jid))
    anna.forget(bare.number)
    const lost = await unread(bare, anna.jid, 2)
    const alonesCopies = copies(lost, anna)

    const gateway = await world.linked(newNumber())
    const bert = world.server.contact('bert of two', { devices: 2 })
    await readBy([bert], saying(gateway, bert.jid))
    bert.forget(gateway.number)
    const id = await readBy([bert], saying(gateway, bert.jid), 'to both')
    expect(copies(id, bert).map(({ read }) => read)).toEqual([true, true])
    expect(alonesCopies.map(({ read }) => read)).not.toEqual([true, true])
    await readBy([bert], saying(gateway, bert.jid), 'well again')
  })

  test.each(['pn', 'lid'] as const)(
    'reaches the second device of every member of a group, named by %s, that asks for it, and it alone',
    async (addressing) => {
      const contactsOf = (owner: string) =>
        ['anna', 'bert', 'carl'].map((one) =>
          world.server.contact(`${one} ${owner} ${addressing}`, { addressing, devices: 2 }),
        )
      const bare = await alone()
      const strangers = contactsOf('alone')
      const theirs = world.server.group(`alone ${addressing}`, [...strangers, world.server.phone(bare.number)], {
        addressing,
      })
      await readBy(strangers, saying(bare, theirs.jid))
      for (const { devices } of strangers.slice(0, 2)) devices[1]?.forgetGroup(theirs)
      const lost = await unread(bare, theirs.jid, 2)
      const alonesCopies = strangers.flatMap((one) => copies(lost, one))

      const gateway = await world.linked(newNumber())
      const members = contactsOf('supervised')
      const group = world.server.group(`ours ${addressing}`, [...members, world.server.phone(gateway.number)], {
        addressing,
      })
      await readBy(members, saying(gateway, group.jid))
      for (const { devices } of members.slice(0, 2)) devices[1]?.forgetGroup(group)
      const id = await readBy(members, saying(gateway, group.jid), 'to all')
      const ours = members.flatMap((one) => copies(id, one))
      expect(ours.map(({ read }) => read)).toEqual(Array(6).fill(true))
      expect(ours.map(({ came, asked }) => came - asked)).toEqual(Array(6).fill(1))
      // Version 7 forgets what it has sent again to a second device; 6 has nothing.
      const asking = alonesCopies.filter(({ asked }) => asked > 0)
      expect(asking.map(({ read }) => read)).toEqual(name === 'v6' ? [false, false] : [true, false])
      await readBy(members, saying(gateway, group.jid), 'well again')
    },
  )

  test('is answered by the getMessage of the owner where he has one, and not a second time', async () => {
    const asked: unknown[] = []
    const getMessage = async ({ id }: { id?: string | null }) => {
      asked.push(id)
      return { conversation: 'from the owner' }
    }
    const gateway = await world.linked(newNumber(), {
      connect: (given) => world.socket(given, { getMessage, enableRecentMessageCache: false }),
    })
    const anna = world.server.contact('anna of an owner')
    await readBy([anna], saying(gateway, anna.jid))
    anna.forget(gateway.number)
    const id = await readBy([anna], saying(gateway, anna.jid), 'once more')
    expect(anna.received.at(-1)).toBe('from the owner')
    const [copy] = copies(id, anna)
    expect(copy?.came).toBe(1 + (copy?.asked ?? 0))
    expect(asked).toContain(id)
  })

  test('is answered by Baileys itself where the owner hands it the getMessage of the line', async () => {
    const gateway = await world.linked(newNumber(), {
      connect: (given) => world.socket(given, { getMessage: given.getMessage, enableRecentMessageCache: false }),
    })
    const anna = world.server.contact('anna by getMessage')
    await readBy([anna], saying(gateway, anna.jid))
    anna.forget(gateway.number)
    const id = await readBy([anna], saying(gateway, anna.jid), 'once more')
    const [copy] = copies(id, anna)
    expect(copy?.came).toBe(1 + (copy?.asked ?? 0))
  })

  describe('after the account was away', () => {
    const store = { resend: { keep: 'store' } } as const

    /** Sends what a contact cannot read, over a connection that brings no question for it. */
    async function unasked(account: Bare | Gateway, contact: Contact): Promise<string> {
      contact.forget(account.number)
      world.server.now({ kind: 'deaf' }, account.number)
      const asked = world.server.next('retry-to-client', { account: account.number })
      const id = await saying(account, contact.jid)(words('not for these eyes'))
      await asked
      return id
    }

    test('is still known: it is kept beside the account if that is asked for', async () => {
      const bare = await alone()
      const anna = world.server.contact('anna of a restart alone')
      await readBy([anna], saying(bare, anna.jid))
      const lost = await unasked(bare, anna)
      await bare.leave()
      await bare.login()
      while (!world.server.events.some(({ kind, detail }) => kind === 'receipt-taken' && detail === lost))
        await world.server.next('receipt-taken')
      expect(copies(lost, anna)).toEqual([{ came: 1, read: false, asked: 1 }])

      const before = await world.linked(newNumber(), { policy: store })
      const bert = world.server.contact('bert of a restart')
      await readBy([bert], saying(before, bert.jid))
      const id = await unasked(before, bert)
      const read = bert.nextReceived()
      await before.line.stop()
      const after = await world.newcomer({ policy: store }, before.folder, before.number).start()
      await after.soon(read, 'what was asked for')
      expect(copies(id, bert)).toMatchObject([{ read: true }])
    })

    test('and its process ended without a stop, is known as well', async () => {
      const before = await world.linked(newNumber(), { policy: store })
      const anna = world.server.contact('anna of a power cut')
      await readBy([anna], saying(before, anna.jid))
      const id = await unasked(before, anna)
      const sent = join(before.folder, '.lifeline', 'sent.jsonl')
      while (!(await readFile(sent, 'utf8')).includes(id)) await setTimeout(20)
      // What is on the disk at this moment is what a power cut would leave.
      const folder = world.folder()
      cpSync(before.folder, folder, { recursive: true })
      await rm(join(folder, '.lifeline', 'lock'), { recursive: true })
      const read = anna.nextReceived()
      await before.line.stop()
      const after = await world.newcomer({ policy: store }, folder, before.number).start()
      await after.soon(read, 'what was asked for')
    })

    test('is not known where nothing is kept', async () => {
      const off = { resend: { keep: 'off' } } as const
      const before = await world.linked(newNumber(), { policy: off })
      const anna = world.server.contact('anna of nothing kept')
      await readBy([anna], saying(before, anna.jid))
      const lost = await unasked(before, anna)
      await before.line.stop()
      const after = await world.newcomer({ policy: off }, before.folder, before.number).start()
      while (!world.server.events.some(({ kind, detail }) => kind === 'receipt-taken' && detail === lost))
        await world.server.next('receipt-taken')
      expect(copies(lost, anna)).toEqual([{ came: 1, read: false, asked: 1 }])
      expect(after.line.retriesAsked.contacts).toBe(1)
      await expect(readFile(join(before.folder, '.lifeline', 'sent.jsonl'))).rejects.toThrow('ENOENT')
    })
  })
})
