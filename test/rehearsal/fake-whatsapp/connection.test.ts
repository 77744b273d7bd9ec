import { beforeAll, beforeEach, expect, test } from 'vitest'
import { Connection } from '../../../src/rehearsal/fake-whatsapp/connection.ts'
import { deviceNotice } from '../../../src/rehearsal/fake-whatsapp/device-notice.ts'
import type { Fault, Stage } from '../../../src/rehearsal/fake-whatsapp/fault.ts'
import { frame } from '../../../src/rehearsal/fake-whatsapp/frames.ts'
import { registrationIn } from '../../../src/rehearsal/fake-whatsapp/login.ts'
import { learnProtocol, protocol } from '../../../src/rehearsal/fake-whatsapp/protocol.ts'
import { SeededRandom } from '../../../src/rehearsal/fake-whatsapp/random.ts'
import { ServerState } from '../../../src/rehearsal/fake-whatsapp/server-state.ts'
import type { WebSocketLink } from '../../../src/rehearsal/fake-whatsapp/websocket.ts'

/** What was read is worked off in promises, without a timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve))
const settings = { latencyMs: 0, qrRefs: 1, offlineDelayMs: 0, claimedPreKeys: 3 }
/** As version 7 begins. */
const header = Buffer.from([0x57, 0x41, 6, 3])

let state: ServerState
beforeAll(() => learnProtocol())
beforeEach(() => {
  state = new ServerState(new SeededRandom(7), settings)
})

/** The server's end of a connection that suffers this fault, and what is done to its WebSocket. */
function connected(fault?: Fault) {
  const did: string[] = []
  const link = {
    send: (bytes: Buffer) => void did.push(`sends ${bytes.length}`),
    close: () => void did.push('closes'),
    destroy: () => void did.push('breaks'),
    freeze: () => void did.push('freezes'),
  }
  const connection = new Connection(state, 1, link as Partial<WebSocketLink> as WebSocketLink, fault)
  connection.opened()
  const told = () =>
    state.journal.events.map(({ kind, detail }) => (detail === undefined ? kind : `${kind}: ${detail}`))
  return { connection, did, told }
}
const hello = (): Buffer => {
  const ephemeral = Buffer.alloc(32, 9)
  const { HandshakeMessage } = protocol().proto
  return frame(Buffer.from(HandshakeMessage.encode({ clientHello: { ephemeral } }).finish()))
}

test.each<[Fault & { at: Stage }, string[]]>([
  [{ kind: 'reset', at: 'connect' }, ['breaks']],
  [{ kind: 'close', at: 'connect' }, ['closes']],
  [{ kind: 'silence', at: 'connect' }, []],
  [{ kind: 'reset', at: 'hello' }, ['breaks']],
  [{ kind: 'close', at: 'hello' }, ['closes']],
  [{ kind: 'silence', at: 'hello' }, []],
])('%j comes at that stage, once, and nothing is said after it', async (fault, expected) => {
  const { connection, did, told } = connected(fault)
  const suffered = `fault: ${fault.kind} at ${fault.at}`
  expect(told()).toEqual(fault.at === 'connect' ? ['connected', suffered] : ['connected'])
  connection.read(Buffer.concat([header, hello(), hello()]))
  connection.read(hello())
  await settled()
  expect(told()).toEqual(['connected', suffered])
  expect(did).toEqual(expected)
})

test('after garbage in the handshake nothing is read any more, whatever came with the first frame', async () => {
  const { connection, did, told } = connected({ kind: 'garbage' })
  connection.read(Buffer.concat([header, hello(), frame(Buffer.alloc(40))]))
  await settled()
  expect([did, told()]).toEqual([['sends 7'], ['connected']])
})

test('a client that does not keep to the protocol is told of in the journal, and its connection broken', async () => {
  const { connection, did, told } = connected()
  connection.read(Buffer.from('GET / HTTP/1.1'))
  await settled()
  expect([did, told()]).toEqual([['breaks'], ['connected', expect.stringMatching(/^error: The intro is not/)]])
})

test('what a client registers with is read whole, and what it leaves out is empty', () => {
  const bytes = (value: number, length = 32) => new Uint8Array(length).fill(value)
  const staticKey = Buffer.alloc(32, 1)
  const read = (devicePairingData: object | undefined) =>
    registrationIn({ staticKey, payload: protocol().proto.ClientPayload.fromObject({ devicePairingData }) })
  expect(read(undefined)).toBeUndefined()
  const given = {
    ...{ eRegid: Uint8Array.of(0, 0, 1, 2), eIdent: bytes(2), eSkeyId: Uint8Array.of(0, 1, 0) },
    ...{ eSkeyVal: bytes(3), eSkeySig: bytes(4, 64) },
  }
  expect(read(given)).toEqual({
    ...{ noiseKey: staticKey, registrationId: 258, identityKey: Buffer.from(bytes(2)) },
    signedPreKey: { keyId: 256, publicKey: Buffer.from(bytes(3)), signature: Buffer.from(bytes(4, 64)) },
  })
  const empty = Buffer.alloc(0)
  expect(read({})).toEqual({
    ...{ noiseKey: staticKey, registrationId: 0, identityKey: empty },
    signedPreKey: { keyId: 0, publicKey: empty, signature: empty },
  })
})

test.each([
  ['by number', '49@s.whatsapp.net', '77@lid', '49:3@s.whatsapp.net', '77:3@lid'],
  ['by number alone', '49@s.whatsapp.net', undefined, '49:3@s.whatsapp.net', undefined],
  ['by LID', '77@lid', '77@lid', '77:3@lid', undefined],
])('who is known %s has a new device told of so', (_, from, lid, jid, other) => {
  const { attrs, content } = deviceNotice('add', { jid: '49@s.whatsapp.net', lid, from }, 3, 'n1')
  expect(attrs).toEqual({ from, lid: other && lid, type: 'devices', id: 'n1', t: expect.any(String) })
  expect(content).toEqual([
    {
      tag: 'add',
      attrs: { device_hash: expect.stringMatching(/^2:.{8}$/) },
      content: [
        expect.objectContaining({ tag: 'device', attrs: { jid, ...(other && { lid: other }), 'key-index': '3' } }),
        expect.objectContaining({ tag: 'key-index-list' }),
      ],
    },
  ])
})
