import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Contact } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Client, muteConsole } from '../rehearsal/fake-whatsapp/client.ts'
import { inTurn } from '../share.ts'
import { sessionFiles } from './damage.ts'
import type { Gateway } from './gateway.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

let said = 0

describe.each(today)('contacts who cannot read what is sent, with $name', ({ name, baileys }) => {
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
  const newNumber = () => `49172${String(++accounts).padStart(7, '0')}`
  const three = (of: string) => ['anna', 'bert', 'carl'].map((one) => world.server.contact(`${one} ${of}`))
  const send = async (account: Client | Gateway, contact: Contact) => {
    const socket = account instanceof Client ? account.sock : account.line.socket
    return (await socket?.sendMessage(contact.jid, { text: `to ${contact.name} ${++said}` }))?.key.id ?? ''
  }
  const hears = async (account: Client | Gateway, contact: Contact) => {
    const read = contact.nextReceived()
    await send(account, contact)
    await read
  }
  /** Keys for a new session cannot be had: each is asked for once, and gets nothing. */
  async function lost(
    account: (Client & { number: string }) | Gateway,
    contacts: readonly Contact[],
    keysAgain = true,
  ): Promise<string[]> {
    const ids: string[] = []
    for (const contact of contacts) {
      contact.forget(account.number)
      contact.hasKeys = false
      const id = await send(account, contact)
      const about = { account: account.number, detail: id }
      while (!world.server.events.some(({ kind, detail }) => kind === 'receipt-taken' && detail === id))
        await world.server.next('receipt-taken', about)
      contact.hasKeys = keysAgain
      ids.push(id)
    }
    return ids
  }
  /** The sessions inside the stored one: what a contact writes in the old one meanwhile can still be read. */
  async function sessionsWith({ folder }: Gateway, { number, lid = '-' }: Contact): Promise<string[]> {
    const files = (await sessionFiles(folder)).filter(
      (file) => file.includes(number) || file.includes(lid.split('@')[0] ?? ''),
    )
    const stored = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8'))))
    const inside = stored.flatMap(({ _sessions }) => Object.values(Object(_sessions)))
    return inside.map((one) => (Object(one).indexInfo.closed === -1 ? 'open' : 'closed')).sort()
  }
  const readOf = (ids: readonly string[], contacts: readonly Contact[]) =>
    ids.map((id, at) => world.server.sentMessage(id)?.copies.find(({ to }) => to === contacts[at]?.jid)?.read)

  test('are named, get new sessions on the open socket and what they asked for, and the account is well again', async () => {
    const bare = Object.assign(await Client.on(world.server, baileys), { number: newNumber() })
    clients.push(bare)
    await bare.link(bare.number)
    const strangers = three('alone')
    for (const one of strangers) await hears(bare, one)
    const theirs = await lost(bare, strangers)

    const gateway = await world.linked(newNumber())
    const made = gateway.sockets.length
    const contacts = three('supervised')
    for (const one of contacts) await hears(gateway, one)
    const all = Promise.all(contacts.map((one) => one.nextReceived()))
    const ids = await lost(gateway, contacts)
    await gateway.until(() => gateway.path.includes('degraded'))
    expect(gateway.statuses.find(({ state }) => state === 'degraded')).toMatchObject({
      message: '3 contacts cannot read what you send.',
      remediation: 'Nothing to do yet: this is being healed.',
      userAction: 'none',
    })
    await gateway.soon(all, 'what they asked for')
    await gateway.until('healthy')
    expect(readOf(ids, contacts)).toEqual([true, true, true])
    expect(gateway.sockets).toHaveLength(made)
    expect(gateway.path).not.toContain('pruningSessions')
    expect(gateway.told).not.toContain('pruning-exhausted')
    const history = gateway.line.history()
    expect(history).toContainEqual(expect.objectContaining({ type: 'unheard', contacts: 3, own: 0, messages: 3 }))
    expect(history).toContainEqual(expect.objectContaining({ type: 'act', act: 'sessions-renewed', sessions: 3 }))
    expect(JSON.stringify(history)).not.toContain(contacts[0]?.number)
    for (const one of contacts) expect(await sessionsWith(gateway, one)).toEqual(['closed', 'open'])
    expect((await gateway.line.quarantined()).flatMap(({ files }) => files)).toHaveLength(3)
    // Baileys alone does no more about it.
    expect(readOf(theirs, strangers)).toEqual([false, false, false])
  })

  test('of whom no new session helps are told to a person once, on the same socket, and the account is well when they read', async () => {
    const gateway = await world.linked(newNumber())
    const contacts = three('told')
    for (const one of contacts) await hears(gateway, one)
    const made = gateway.sockets.length
    await lost(gateway, contacts, false)
    await gateway.until(() => gateway.told.includes('pruning-exhausted'))
    expect(gateway.line.status).toMatchObject({
      state: 'degraded',
      message: '3 contacts cannot read what you send. New sessions did not help.',
      userAction: 'wait',
    })
    const notices = gateway.notices.filter(({ kind }) => kind === 'pruning-exhausted')
    expect(notices).toMatchObject([
      {
        message: '3 contacts cannot read what you send, and new sessions did not help. The connection stays up.',
        remediation: expect.stringMatching(/^Ask them to write to this account/),
        details: { unheard: { contacts: 3, messages: 3 } },
      },
    ])
    const [late] = [world.server.contact('dora told')]
    await hears(gateway, late)
    const renewed = () => gateway.line.history().filter((entry) => entry.type === 'act').length
    const before = renewed()
    for (let message = 0; message < 3; message += 1) await lost(gateway, [late], false)
    await gateway.until(() => renewed() > before)
    expect(gateway.line.status.message).toMatch(/^4 contacts cannot read what you send\./)
    for (const one of [...contacts, late]) one.hasKeys = true
    for (const one of [...contacts, late]) await hears(gateway, one)
    await gateway.until('healthy')
    expect(gateway.sockets).toHaveLength(made)
    expect(gateway.path).not.toContain('pruningSessions')
  })
})
