import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Contact,
  type FakeWhatsApp,
  type Group,
  startFakeWhatsApp,
} from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn } from '../../share.ts'
import { Client, lines, muteConsole } from './client.ts'

const today = inTurn(lines, import.meta.url)

const NUMBER = '491700000001'

describe.each(today)('groups, Baileys $line', ({ baileys }) => {
  let server: FakeWhatsApp
  let client: Client

  beforeEach(async () => {
    muteConsole()
    server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    client = await Client.on(server, baileys)
    await client.link(NUMBER)
  })

  afterEach(async () => {
    await client.remove()
    await server.stop()
  })

  /** The account writes; resolves when all of these devices have read it. */
  async function readByAll(group: Group, members: readonly Contact[], text: string): Promise<string> {
    const devices = members.flatMap((member) => member.devices)
    const read = Promise.all(devices.map((device) => device.nextReceived()))
    const sent = await client.sock?.sendMessage(group.jid, { text })
    expect(await read).toEqual(devices.map(() => text))
    return sent?.key.id ?? ''
  }

  const family = (addressing: 'pn' | 'lid' = 'pn') => {
    const [anna, bert] = [server.contact('anna', { addressing, devices: 2 }), server.contact('bert', { addressing })]
    return { anna, bert, group: server.group('family', [anna, bert, server.phone(NUMBER)], { addressing }) }
  }

  test.each(['pn', 'lid'] as const)(
    'named by %s: each device of each member reads the account, and is read',
    async (addressing) => {
      const { anna, bert, group } = family(addressing)
      const id = await readByAll(group, [anna, bert], 'hello all')
      await readByAll(group, [anna, bert], 'and again')
      expect(server.phone(NUMBER).copies).toEqual(['hello all', 'and again'])
      const copies = server.sentMessage(id)?.copies.map(({ to, came, read, asked }) => [to, came, read, asked.length])
      expect(copies?.sort()).toEqual(
        [anna.jid, anna.devices[1]?.jid, bert.jid, server.phone(NUMBER).jid].map((jid) => [jid, 1, true, 0]).sort(),
      )
      const first = await anna.send(group, 'from anna')
      const others = [
        await anna.send(group, 'anna once more'),
        await anna.sendFrom(1, group, 'from her laptop'),
        await bert.send(group, 'from bert'),
      ]
      await Promise.all([first, ...others].map((delivery) => delivery.delivered()))
      // The key of a sender comes with its first message, and no other is between two.
      expect([first, ...others].map(({ types }) => types.length)).toEqual([1, 0, 1, 1])
      expect([...client.texts].sort()).toEqual(['anna once more', 'from anna', 'from bert', 'from her laptop'])
      await readByAll(group, [anna, bert], 'the end')
      expect([client.stubs, first.retries, server.events.filter(({ kind }) => kind === 'retry-to-client')]).toEqual([
        [],
        [],
        [],
      ])
      const [from] = anna.read
      expect(from).toMatchObject({ text: 'hello all', chat: group.jid, id })
    },
  )

  test('what the server tells of it is what Baileys makes of it', async () => {
    const { anna, bert, group } = family('lid')
    const metadata = await client.sock?.groupMetadata(group.jid)
    expect(metadata).toMatchObject({ id: group.jid, subject: 'family', size: 3, addressingMode: 'lid' })
    expect(metadata?.participants.map(({ id }) => id)).toEqual([anna.lid, bert.lid, server.phone(NUMBER).lid])
    expect(Object.keys((await client.sock?.groupFetchAllParticipating()) ?? {})).toEqual([group.jid])
    const foreign = server.group('others', [anna, bert])
    await expect(client.sock?.groupMetadata(foreign.jid)).rejects.toThrow('forbidden')
    await expect(client.sock?.groupMetadata('4@g.us')).rejects.toThrow('item-not-found')
    await expect(server.contact('carl').send(group, 'let me in')).rejects.toThrow('carl is not in family.')
  })

  test('a member that missed the key asks for the message again, with its second device too, and reads it and the next', async () => {
    const { anna, bert, group } = family()
    const kept = { conversation: 'once more' }
    await client.leave()
    await client.login({ getMessage: async () => kept })
    await readByAll(group, [anna, bert], 'all is well')
    anna.forget(group)
    const id = await readByAll(group, [anna, bert], 'once more')
    const copies = server.sentMessage(id)?.copies ?? []
    const asked = copies.filter(({ to }) => anna.devices.some(({ jid }) => jid === to)).map((copy) => copy.asked)
    expect(asked).toEqual([[{ count: 1, withKeys: false }], [{ count: 1, withKeys: false }]])
    expect(copies.filter(({ asked }) => asked.length === 0).map(({ to }) => to)).toContain(bert.jid)
    await readByAll(group, [anna, bert], 'well again')
    expect(anna.devices.map(({ received }) => received)).toEqual([
      ['all is well', 'once more', 'well again'],
      ['all is well', 'once more', 'well again'],
    ])
    expect(bert.received).toEqual(['all is well', 'once more', 'well again'])
  })

  test('a message of a member whose key the client has lost is asked for and comes again, key and all', async () => {
    const { anna, group } = family()
    await (await anna.send(group, 'one')).delivered()
    await client.leave()
    const lost = (await readdir(client.folder)).filter((name) => name.startsWith('sender-key-120363'))
    expect(lost).toHaveLength(1)
    for (const name of lost) await rm(join(client.folder, name))
    await client.login()
    const two = await anna.send(group, 'two')
    await two.delivered()
    await client.until(() => client.texts.includes('two'))
    expect(two.retries).toEqual([{ count: 1, withKeys: false }])
    const three = await anna.send(group, 'three')
    await three.delivered()
    await client.until(() => client.texts.includes('three'))
    expect(three.retries).toEqual([])
  })

  test('a message with a broken signature is asked for again, and the copy is read', async () => {
    const { anna, group } = family()
    await (await anna.send(group, 'one')).delivered()
    const broken = await anna.send(group, 'two', { damage: 'mac' })
    await broken.delivered()
    await client.until(() => client.texts.includes('two'))
    expect(client.stubs.map(({ text }) => text)).toEqual(['Invalid signature!'])
    const empty = await anna.send(group, 'nothing', { empty: true })
    await client.until(() => client.stubs.some(({ id }) => id === empty.id))
  })
})
