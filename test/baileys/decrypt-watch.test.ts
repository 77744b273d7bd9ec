import type { EventEmitter } from 'node:events'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DecryptFailure } from '../../machines/decrypt.ts'
import { type DecryptSuccess, type DecryptWatch, watchDecryption } from '../../src/baileys/decrypt-watch.ts'
import { tapLogger } from '../../src/baileys/logger-tap.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import {
  type Contact,
  type FakeWhatsApp,
  foreignSession,
  startFakeWhatsApp,
} from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Client, lines, muteConsole } from '../rehearsal/fake-whatsapp/client.ts'
import { inTurn } from '../share.ts'
import { silent } from './lines.ts'

const today = inTurn(lines, import.meta.url)

const NUMBER = '491700000001'

describe.each(today)('what Baileys $line decrypts', ({ line, baileys }) => {
  let server: FakeWhatsApp
  let client: Client
  let sock: BaileysSocket
  let watch: DecryptWatch
  let feed: DecryptWatch['line'] | undefined
  const failures: DecryptFailure[] = []
  const successes: DecryptSuccess[] = []
  const nodes: BinaryNode[] = []
  let told: () => void = () => undefined

  beforeAll(async () => {
    muteConsole()
    server = await startFakeWhatsApp()
    client = await Client.on(server, baileys)
    const logger = tapLogger(silent, (said) => feed?.(said))
    await client.link(NUMBER, { logger, retryRequestDelayMs: 1 })
    sock = client.sock as BaileysSocket
    emitter(sock).on('CB:message', (node: BinaryNode) => nodes.push(node))
  })

  afterAll(async () => {
    await client.remove()
    await server.stop()
  })

  beforeEach(() => {
    muteConsole()
    failures.length = 0
    successes.length = 0
    nodes.length = 0
    watch = watchDecryption(sock, {
      onFailure: (failure) => {
        failures.push(failure)
        told()
      },
      onSuccess: (success) => {
        successes.push(success)
        told()
      },
    })
    feed = watch.line
  })

  afterEach(() => watch.stop())

  function until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      told = () => {
        if (holds()) resolve()
      }
      told()
    })
  }

  const failed = (id: string) => failures.filter((failure) => failure.id === id)
  const read = (id: string) => successes.filter((success) => success.id === id)

  function stanzaOf(id: string): BinaryNode {
    const found = nodes.find((node) => node.attrs.id === id)
    if (found === undefined) throw new Error(`No stanza ${id} was seen.`)
    return found
  }

  /** A stanza straight to Baileys' own handler, as if the server had sent it. */
  async function injected(stanza: BinaryNode): Promise<DecryptFailure | undefined> {
    emitter(sock).emit('CB:message', stanza)
    const id = stanza.attrs.id ?? ''
    await until(() => failed(id).length > 0)
    return failed(id)[0]
  }

  const addressOf = (contact: Contact) => (line === 'v7' ? `${contact.lid?.split('@')[0]}_1.0` : `${contact.number}.0`)

  /** A contact whose session with the account is past its first turn, so that its next message is a plain `msg`. */
  async function acquainted(name: string, resends = true): Promise<Contact> {
    const contact = server.contact(name, { resends })
    const first = await contact.send(NUMBER, 'hello')
    await until(() => read(first.id).length > 0)
    const heard = contact.nextReceived()
    await client.sock?.sendMessage(contact.jid, { text: 'hello to you' })
    await heard
    const second = await contact.send(NUMBER, 'how are you')
    await until(() => read(second.id).length > 0)
    expect([...failed(first.id), ...failed(second.id)]).toEqual([])
    return contact
  }

  async function damage(contact: Contact, session: object | null): Promise<void> {
    await sock.authState.keys.set({ session: { [addressOf(contact)]: session as never } })
  }

  test('is told with the address of the device, as in the name of its session file', async () => {
    const contact = server.contact('anna')
    const { id } = await contact.send(NUMBER, 'hello')
    await until(() => read(id).length > 0)
    const [success] = read(id)
    expect(success).toMatchObject({ id, session: true })
    expect([success?.address, ...(success?.aliases ?? [])]).toContain(addressOf(contact))
  })

  test.each([
    ['with the lines of its logger', true],
    ['without them', false],
  ])('fails as bad-session under a foreign session, %s, until the message comes again', async (_, withLogger) => {
    if (!withLogger) feed = undefined
    const contact = await acquainted(`foreign ${withLogger}`)
    await damage(contact, await foreignSession())
    const { id } = await contact.send(NUMBER, 'can you read this')
    await until(() => read(id).length > 0)
    expect(failed(id)).toEqual([{ id, address: addressOf(contact), reason: 'bad-session', peer: false }])
    expect(read(id)).toMatchObject([{ id, address: addressOf(contact) }])
    expect(watch.unread(addressOf(contact))).toBeUndefined()
  })

  test('fails once for a message that a silent contact never sends again, however often it is tried', async () => {
    const contact = await acquainted('silent', false)
    await damage(contact, await foreignSession())
    const { id } = await contact.send(NUMBER, 'one')
    await until(() => failed(id).length > 0)
    emitter(sock).emit('CB:message', stanzaOf(id))
    const second = await contact.send(NUMBER, 'two')
    await until(() => failed(second.id).length > 0)
    expect(failed(id)).toHaveLength(1)
    expect(watch.unread(addressOf(contact))).toEqual({ tag: 'message', attrs: stanzaOf(second.id).attrs })
  })

  test('fails as no-session where the session is missing', async () => {
    const contact = await acquainted('missing', false)
    await damage(contact, null)
    const { id } = await contact.send(NUMBER, 'can you read this')
    await until(() => failed(id).length > 0)
    expect(failed(id)).toEqual([{ id, address: addressOf(contact), reason: 'no-session', peer: false }])
  })

  test('fails as poison, or in v7 as no-session, where the file is JSON that libsignal cannot load', async () => {
    const contact = await acquainted('poison', false)
    await damage(contact, { version: 'v1', _sessions: { x: { registrationId: 1 } } })
    const { id } = await contact.send(NUMBER, 'can you read this')
    await until(() => failed(id).length > 0)
    expect(failed(id)[0]?.reason).toBe(line === 'v7' ? 'no-session' : 'poison')
  })

  test.each([
    ['with the lines of its logger', true],
    ['without them', false],
  ])('and is delivered a second time is a duplicate and no Bad MAC, %s', async (_, withLogger) => {
    if (!withLogger) feed = undefined
    const contact = await acquainted(`twice ${withLogger}`, false)
    const { id } = await contact.send(NUMBER, 'once is enough')
    await until(() => read(id).length > 0)
    expect(await injected(stanzaOf(id))).toMatchObject({ id, reason: 'duplicate' })
  })

  test('fails as pre-key where the pre-key of a first message is lost', async () => {
    const contact = server.contact('newcomer', { resends: false })
    const before = Object.fromEntries(Array.from({ length: 900 }, (_, id) => [id + 1, null]))
    await sock.authState.keys.set({ 'pre-key': before } as never)
    const { id } = await contact.send(NUMBER, 'hello')
    await until(() => failed(id).length > 0)
    expect(failed(id)).toMatchObject([{ id, reason: 'pre-key' }])
  })

  test('fails once more where another reason becomes known, and not for the same one', async () => {
    const from = '4915166666666:1@s.whatsapp.net'
    await injected(sealed({ id: 'REASONS', from }))
    const said = (text: string) =>
      watch.line({ type: 'decrypt-failed', id: 'REASONS', author: from, text, senderKey: false })
    said('Cannot read properties of undefined')
    await until(() => failed('REASONS').length > 1)
    said('Cannot read properties of null')
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(failed('REASONS').map(({ reason }) => reason)).toEqual(['no-session', 'poison'])
  })

  test('is absent where the stanza holds no ciphertext', async () => {
    const { id } = await server.contact('empty').send(NUMBER, '', { empty: true })
    await until(() => failed(id).length > 0)
    expect(failed(id)).toMatchObject([{ id, reason: 'absent' }])
  })

  test('names the companion device that Baileys strips from its keys', async () => {
    const stanza = sealed({ id: 'DEVICE7', from: '4915199999999:7@s.whatsapp.net' })
    expect(await injected(stanza)).toMatchObject({ address: '4915199999999.7', reason: 'no-session' })
  })

  test('names the kind of address of a LID and of a hosted device', async () => {
    const lid = await injected(sealed({ id: 'LID', from: '77777777:3@lid' }))
    expect(lid?.address).toBe(line === 'v7' ? '77777777_1.3' : '77777777.3')
    if (line === 'v6') return
    const hosted = await injected(sealed({ id: 'HOSTED', from: '88888888:99@hosted.lid' }))
    expect(hosted?.address).toBe('88888888_129.99')
  })

  test('marks what v7 does not ask its own phone to send again', async () => {
    const stanza = sealed({ id: 'PEER', from: `${NUMBER}@s.whatsapp.net`, category: 'peer' })
    expect(await injected(stanza)).toMatchObject({ peer: line === 'v7' })
  })

  test('under a group key that is not there fails as sender-key and names the group and the device', async () => {
    const stanza = sealed(
      { id: 'GROUP', from: '1203630000@g.us', participant: '4915188888888:2@s.whatsapp.net' },
      'skmsg',
    )
    const failure = await injected(stanza)
    expect(failure).toMatchObject({ address: '4915188888888.2', reason: 'sender-key', group: '1203630000@g.us' })
  })

  test('is not told while nobody waits for it, and is from the next failure on', async () => {
    watch.stop()
    let waiting = false
    watch = watchDecryption(sock, {
      awaitsSuccess: () => waiting,
      onFailure: (failure) => {
        // What an earlier test left may still fail meanwhile.
        waiting ||= failure.id === 'FAILED'
        failures.push(failure)
        told()
      },
      onSuccess: (success) => {
        successes.push(success)
        told()
      },
    })
    feed = watch.line
    const contact = server.contact('unheard')
    const heard = client.until(() => client.texts.includes('unheard before'))
    const before = await contact.send(NUMBER, 'unheard before')
    await heard
    expect(read(before.id)).toEqual([])
    await injected(sealed({ id: 'FAILED', from: '4915177777777:1@s.whatsapp.net' }))
    const { id } = await contact.send(NUMBER, 'and after')
    await until(() => read(id).length > 0)
  })

  test('leaves no listener behind', () => {
    const count = () => emitter(sock).listenerCount('CB:message')
    const during = count()
    watch.stop()
    expect(count()).toBe(during - 1)
    watch.stop()
    expect(count()).toBe(during - 1)
  })
})

function emitter(sock: BaileysSocket): EventEmitter {
  return sock.ws as unknown as EventEmitter
}

/** A stanza whose ciphertext nobody can read. */
function sealed(attrs: Record<string, string>, type = 'msg'): BinaryNode {
  const content = [{ tag: 'enc', attrs: { v: '2', type }, content: skmsg }]
  return { tag: 'message', attrs: { t: '1700000000', type: 'text', ...attrs }, content }
}

/** Version 3, id 1, iteration 0, a byte of ciphertext, a signature of zeroes. */
const skmsg = Buffer.concat([Buffer.from([0x33, 0x08, 1, 0x10, 0, 0x1a, 1, 7]), Buffer.alloc(64)])
