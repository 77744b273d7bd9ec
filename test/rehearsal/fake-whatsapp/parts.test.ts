import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Device } from '../../../src/rehearsal/fake-whatsapp/account.ts'
import { bundleInRetry, bundleNodes } from '../../../src/rehearsal/fake-whatsapp/bundle.ts'
import { Contact, type ContactOptions } from '../../../src/rehearsal/fake-whatsapp/contact.ts'
import { withDevice } from '../../../src/rehearsal/fake-whatsapp/group.ts'
import { answer } from '../../../src/rehearsal/fake-whatsapp/iq.ts'
import { Linking } from '../../../src/rehearsal/fake-whatsapp/linking.ts'
import { encNode, encodeText, SignalPeer } from '../../../src/rehearsal/fake-whatsapp/peer.ts'
import { Phone } from '../../../src/rehearsal/fake-whatsapp/phone.ts'
import { learnProtocol } from '../../../src/rehearsal/fake-whatsapp/protocol.ts'
import { SeededRandom } from '../../../src/rehearsal/fake-whatsapp/random.ts'
import { route } from '../../../src/rehearsal/fake-whatsapp/routing.ts'
import { ServerState } from '../../../src/rehearsal/fake-whatsapp/server-state.ts'
import { child, children, node } from '../../../src/rehearsal/fake-whatsapp/stanza.ts'

const settings = { latencyMs: 0, qrRefs: 1, offlineDelayMs: 0, claimedPreKeys: 3 }
const own = '491700000001'

let state: ServerState
let device: Device
/** What holds the device's keys, and what it was sent. */
let client: SignalPeer
let got: BinaryNode[]

const register = () => {
  const { preKey, ...keys } = client.bundle()
  const account = state.account(own)
  const made = account.add(account.reserveDevice(), { noiseKey: Buffer.alloc(32), ...keys })
  if (preKey) made.preKeys.set(preKey.keyId, preKey.publicKey)
  return made
}

beforeAll(() => learnProtocol())
beforeEach(() => {
  state = new ServerState(new SeededRandom(7), settings)
  client = new SignalPeer()
  got = []
  device = register()
  const take = (stanza: BinaryNode) => void got.push(stanza)
  device.connection = { number: 1, deaf: false, send: take, deliver: take, replace: take, suffer: take } as never
  device.online = true
})

const contact = (options: ContactOptions = {}) => new Contact(state, 'anna', '4915100000001', options)
const incoming = (id: string, ...encs: BinaryNode[]) => ({ id, device: 0, encs })
const letter = (stanza: BinaryNode) => ({ state, from: device, connection: 1, stanza })
const garbage = { type: 'msg', body: Buffer.alloc(60, 7) } as const
/** A message from the device to whoever has that peer. */
const sealed = async (peer: SignalPeer, message: proto.IMessage) => {
  if (!client.has('anna.0')) await client.establish('anna.0', peer.bundle())
  return encNode(
    await client.encrypt('anna.0', Buffer.concat([proto.Message.encode(message).finish(), Buffer.from([1])])),
  )
}

test('of two messages that are opened at once neither can be opened again', async () => {
  const [one, other] = [new SignalPeer(), new SignalPeer()]
  await one.establish('other.0', other.bundle())
  await other.decrypt('one.0', await one.encrypt('other.0', encodeText('hello', state.random)))
  await one.decrypt('other.0', await other.encrypt('one.0', encodeText('hello back', state.random)))
  const two = await Promise.all(['a', 'b'].map((text) => one.encrypt('other.0', encodeText(text, state.random))))
  expect(two.map(({ type }) => type)).toEqual(['msg', 'msg'])
  const open = () => Promise.allSettled(two.map((message) => other.decrypt('one.0', message)))
  expect((await open()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  expect((await open()).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

describe('a contact', () => {
  test.each<[ContactOptions, string, object]>([
    [{ lid: '77' }, '4915100000001@s.whatsapp.net', { sender_lid: '77@lid' }],
    [{ lid: '77', addressing: 'lid' }, '77@lid', { sender_pn: '4915100000001@s.whatsapp.net' }],
    [{ lid: false }, '4915100000001@s.whatsapp.net', {}],
    [{ lid: false, addressing: 'lid' }, '4915100000001@s.whatsapp.net', {}],
  ])('of %j writes from %s', async (options, from, beside) => {
    await contact(options).send(own, 'hello')
    const [{ attrs } = node('none')] = got
    expect(attrs).toEqual({ from, id: attrs.id, t: attrs.t, type: 'text', notify: 'anna', ...beside })
  })

  test('says at the first text why it begins no session: keys that are none', async () => {
    device.signedPreKey = { ...device.signedPreKey, publicKey: Buffer.alloc(5) }
    await expect(contact().send(own, 'hello')).rejects.toThrow(/public key/i)
  })

  test('asks five times for a message that it cannot read, with keys from the second time on, and anew for the next', async () => {
    const anna = contact()
    for (let time = 0; time < 7; time += 1) await anna.receive(device, incoming('m1', encNode(garbage)))
    await anna.receive(device, incoming('m2', encNode(garbage)))
    const asked = got.map((receipt) => [
      receipt.attrs.id,
      child(receipt, 'retry')?.attrs.count,
      bundleInRetry(receipt) !== undefined,
    ])
    expect(asked).toEqual([
      ['m1', '1', false],
      ...['2', '3', '4', '5'].map((count) => ['m1', count, true]),
      ['m2', '1', false],
    ])
  })

  test('reads what is between the two, says so, and keeps what has a text', async () => {
    const anna = contact()
    await anna.receive(device, incoming('m1', node('enc', { type: 'skmsg' }, Buffer.alloc(9))))
    expect(got).toEqual([])
    await anna.receive(device, incoming('m2', await sealed(anna.peer, { conversation: 'hi' })))
    await anna.receive(device, incoming('m3', await sealed(anna.peer, { reactionMessage: { text: 'x' } })))
    await anna.receive(device, incoming('m4', await sealed(anna.peer, { extendedTextMessage: { text: 'longer' } })))
    expect(got.map(({ attrs }) => [attrs.id, attrs.type])).toEqual([
      ['m2', undefined],
      ['m3', undefined],
      ['m4', undefined],
    ])
    expect(anna.received).toEqual(['hi', 'longer'])
  })

  test('sends again what it sent, if it is one that does, and nothing else', async () => {
    const anna = contact()
    const { id } = await anna.send({ number: own }, 'hello')
    const receipt = (more: BinaryNode[] = [], of: string | undefined = id) => node('receipt', { id: of }, more)
    got.length = 0
    await anna.retry(device, receipt([], 'unknown'))
    await anna.retry(device, node('receipt'))
    anna.resends = false
    await anna.retry(device, receipt())
    expect(got).toEqual([])
    anna.resends = true
    await anna.retry(device, receipt())
    await anna.retry(device, receipt([node('retry', { count: '2' })]))
    expect(got.map((stanza) => child(stanza, 'enc')?.attrs.count)).toEqual(['1', '2'])
  })
})

describe('a phone', () => {
  test('unlinks the device that is named, or all', () => {
    const phone = new Phone(state, own)
    const ids = [device, register(), register()].map(({ id }) => id)
    const left = () => phone.devices().map(({ device: id }) => id)
    phone.unlink(ids[1])
    expect(left()).toEqual([ids[0], ids[2]])
    phone.unlink()
    expect(left()).toEqual([])
  })

  test('has a copy of texts, and misses what it cannot read', async () => {
    const phone = new Phone(state, own)
    await phone.receive(device, incoming('m1', node('enc', { type: 'skmsg' })))
    await phone.receive(device, incoming('m2', encNode(garbage)))
    await phone.receive(device, incoming('m3', await sealed(phone.peer, { reactionMessage: { text: 'x' } })))
    await phone.receive(
      device,
      incoming('m4', await sealed(phone.peer, { deviceSentMessage: { message: { conversation: 'hi' } } })),
    )
    expect(phone.copies).toEqual(['hi'])
  })

  test('cannot link a client that asked for no code, or that signs nothing', async () => {
    const unsigned = { number: 2, send: () => undefined, ask: async () => node('iq'), suffer: () => undefined }
    const linking = new Linking(state, unsigned, { noiseKey: Buffer.alloc(32), ...client.bundle() })
    await expect(linking.agreeOnSecret(state.account(own), 'ABCD1234')).rejects.toThrow(
      'No pairing code was asked for.',
    )
    await expect(linking.complete(state.account(own), Buffer.alloc(32))).rejects.toThrow('did not sign')
  })
})

describe('what a client asks', () => {
  const ask = (xmlns: string, ...inside: BinaryNode[]) =>
    children(answer(node('iq', { id: '1', xmlns }, inside), { state, device, connection: 1 }))[0]
  const user = (jid: string) => node('user', { jid })

  test('for keys is answered with those of whoever is known', () => {
    const anna = contact({ lid: '77' })
    const list = ask(
      'encrypt',
      node('key', {}, [user(anna.jid), user(device.jid), user('4@s.whatsapp.net'), node('user')]),
    )
    const answers = children(list).map(({ attrs, content: inside }) => [
      attrs.jid,
      Array.isArray(inside) && inside[0]?.tag,
    ])
    expect(answers).toEqual([
      [anna.jid, 'registration'],
      [device.jid, 'registration'],
      ['4@s.whatsapp.net', 'error'],
      ['', 'error'],
    ])
    expect(device.preKeys.size).toBe(0)
    expect(children(ask('encrypt', node('key')))).toEqual([])
    expect(ask('encrypt', node('count'))?.attrs.value).toBe('3')
  })

  test('for new keys is kept: a signed pre-key, or all of a device with its one-time keys, and gone once it is removed', () => {
    let other = new SignalPeer()
    // Drawn by chance, from few enough to meet.
    while (other.bundle().registrationId === device.registrationId) other = new SignalPeer()
    const { registrationId, identityKey, signedPreKey, preKey } = other.bundle()
    const nodes = bundleNodes({ registrationId, identityKey, signedPreKey })
    const skey = nodes.find(({ tag }) => tag === 'skey')
    if (!skey || !preKey) throw new Error('no keys')
    const before = device.signedPreKey
    ask('encrypt', node('rotate', {}, [skey]))
    expect([device.signedPreKey, before === device.signedPreKey]).toEqual([signedPreKey, false])
    expect(device.registrationId).not.toBe(registrationId)
    const one = children(child(node('x', {}, bundleNodes({ ...other.bundle(), preKey })), 'key'))
    expect(one.length).toBeGreaterThan(0)
    const list = node('list', {}, [node('key', {}, one), node('key', {}, one)])
    const registration = nodes.filter(({ tag }) => tag !== 'type')
    const asked = answer(node('iq', { id: '1', xmlns: 'encrypt' }, [...registration, list]), {
      ...{ state, device, connection: 1 },
    })
    expect([asked.attrs.type, children(asked)]).toEqual(['result', []])
    expect([device.registrationId, device.preKeys.get(preKey.keyId)]).toEqual([registrationId, preKey.publicKey])
    expect(device.identityKey).toEqual(identityKey)
    expect(state.journal.events.at(-1)).toMatchObject({
      kind: 'pre-keys',
      account: own,
      detail: '2',
      device: device.id,
    })
    ask('md', node('remove-companion-device'))
    expect([state.account(own).devices.has(device.id), state.journal.events.at(-1)]).toEqual([
      false,
      expect.objectContaining({ kind: 'unlinked', account: own, device: device.id }),
    ])
  })

  test('about users is answered with what is asked of them', () => {
    const [anna, bert] = [contact({ lid: '77' }), new Contact(state, 'bert', '4915100000002', { lid: false })]
    new Phone(state, own)
    const query = ['contact', 'lid', 'devices', 'status'].map((tag) => node(tag))
    const typed = node('user', {}, [node('contact', {}, `+${anna.number}`)])
    const users = [typed, user(bert.jid), user('4@s.whatsapp.net'), user(state.account(own).lid)]
    const usync = ask('usync', node('usync', {}, [node('query', {}, query), node('list', {}, users)]))
    const told = children(child(usync, 'list')).map((one) => [
      one.attrs.jid,
      ...children(one).map(({ tag, attrs }) => attrs.type ?? attrs.val ?? tag),
    ])
    expect(told).toEqual([
      [anna.jid, 'in', '77@lid', 'devices'],
      [bert.jid, 'in', 'devices'],
      ['4@s.whatsapp.net', 'out'],
      [state.account(own).lid, 'in', state.account(own).lid, 'devices'],
    ])
    const devices = children(child(children(child(usync, 'list'))[3], 'devices'), 'device-list')
    const linked = String(device.id)
    expect(children(devices[0]).map(({ attrs }) => [attrs.id, attrs['key-index']])).toEqual([
      ['0', undefined],
      [linked, linked],
    ])
  })
})

describe('what a client sends on', () => {
  test('is counted for the message that it is about, and else for none', async () => {
    const anna = contact()
    const delivery = await anna.send(own, 'hello')
    await route(
      letter(node('receipt', { id: 'x' }, [node('list', {}, [node('item', { id: delivery.id }), node('item')])])),
    )
    await route(letter(node('receipt', { id: delivery.id, to: anna.jid, type: 'read' })))
    expect(delivery.receipts).toEqual(['delivered', 'read'])
    expect(await delivery.delivered()).toBe(delivery)
    await route(letter(node('receipt', { type: 'retry', to: anna.jid })))
    expect(state.journal.events.at(-1)).toMatchObject({ kind: 'retry', account: own })
    await route(letter(node('receipt', { type: 'retry', id: delivery.id })))
    expect(delivery.retries).toEqual([{ count: 1, withKeys: false }])
    for (const error of [undefined, '500'])
      await route(letter(node('ack', { class: 'message', id: delivery.id, error })))
    await route(letter(node('ack', { class: 'message' })))
    await route(letter(node('ack')))
    await route(letter(node('presence')))
    expect([delivery.acks, delivery.nacks]).toEqual([1, ['500']])
    state.deliveries.sent('x')
    state.deliveries.sent(undefined)
    expect(delivery.sent).toBe(0)
  })

  test('is read where it is for one address alone, and where it goes to nobody there is no copy', async () => {
    const anna = contact()
    state.introduce(anna)
    const message = await sealed(anna.peer, { conversation: 'hi' })
    await route(letter(node('message', { id: 'a', to: anna.jid }, [message])))
    await route(letter(node('message', { id: 'b', to: anna.jid })))
    expect(anna.received).toEqual(['hi'])
    expect(
      state.journal.events.flatMap(({ kind, detail }) => (kind.endsWith('-by-contact') ? [kind, detail] : [])),
    ).toEqual(['read-by-contact', 'a'])
  })

  test('is sent again, by the device that wrote it, before the next that the client sends is looked at', async () => {
    const anna = contact()
    anna.link()
    state.introduce(anna)
    const { id } = await anna.sendFrom(1, own, 'hello')
    const second = withDevice(anna.jid, 1)
    for (const about of [{ to: second }, { to: anna.jid, participant: second }]) {
      got.length = 0
      await route(letter(node('receipt', { id, type: 'retry', ...about })))
      expect(got.map(({ tag, attrs }) => [tag, attrs.from])).toEqual([
        ['ack', about.to],
        ['message', second],
      ])
    }
  })

  test('goes to nobody where nobody has that address, and is not answered once its connection is gone', async () => {
    const copies = node('participants', {}, [node('to', { jid: '4@s.whatsapp.net' }, [encNode(garbage)]), node('to')])
    await route(letter(node('message', { id: 'a', to: '4@s.whatsapp.net' }, [copies])))
    expect(got.map(({ tag, attrs }) => [tag, attrs.id])).toEqual([['ack', 'a']])
    device.connection = undefined
    await route(letter(node('message', { id: 'b' })))
    await route(letter(node('receipt', { id: 'b' })))
    expect(got).toHaveLength(1)
  })
})

test('a first message that cannot be opened leaves the session that was there', async () => {
  const peer = new SignalPeer()
  await client.establish('peer.0', peer.bundle())
  const first = await client.encrypt('peer.0', encodeText('one', new SeededRandom(1)))
  await peer.decrypt('client.0', first)
  const before = peer.session('client.0')
  const other = new SignalPeer()
  await other.establish('peer.0', peer.bundle())
  const broken = await other.encrypt('peer.0', encodeText('two', new SeededRandom(1)))
  broken.body.writeUInt8(broken.body.readUInt8(broken.body.length - 20) ^ 0xff, broken.body.length - 20)
  await expect(peer.decrypt('client.0', broken)).rejects.toThrow()
  expect(peer.session('client.0')?._sessions).toEqual(before?._sessions)
})

test('no session begins with a key that is none', async () => {
  const { signedPreKey, ...bundle } = new SignalPeer().bundle()
  const wrong = { ...bundle, signedPreKey: { ...signedPreKey, publicKey: Buffer.alloc(3) } }
  await expect(client.establish('peer.0', wrong)).rejects.toThrow()
  expect(client.has('peer.0')).toBe(false)
})

test('what is waited for on the server has its time', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let over = 0
  void state.arrival(() => false, 1_000).then(() => (over = Date.now()))
  const began = Date.now()
  await vi.advanceTimersByTimeAsync(999)
  expect(over).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(over - began).toBe(1_000)
  let come = false
  const waited = state.arrival(() => come, 1_000)
  come = true
  state.journal.add('online', { connection: 1 })
  await waited
  expect(Date.now() - over).toBe(0)
})

test('whoever has no address is no device, and an account keeps its own', () => {
  expect(state.account(own)).toBe(device.account)
  expect(state.device(device.lid)).toBe(device)
  expect(state.device(device.jid)).toBe(device)
  expect(state.device('4:1@s.whatsapp.net')).toBeUndefined()
  expect(state.bundle('4:1@lid')).toBeUndefined()
})

test('what a contact sends again waits for the client, though it has yet to refuse the copy before', () => {
  const message = node('message', { id: 'M1' })
  device.push(message)
  device.retrying('M1')
  device.push(message)
  device.acknowledged('message', 'M1', { refused: true })
  expect(device.backlog).toEqual([message])
  device.acknowledged('message', 'M1')
  expect(device.backlog).toEqual([])
})
