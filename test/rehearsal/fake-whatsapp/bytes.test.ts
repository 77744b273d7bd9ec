import { NOISE_WA_HEADER, proto } from '@whiskeysockets/baileys'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleInRetry, bundleNodes } from '../../../src/rehearsal/fake-whatsapp/bundle.ts'
import { faults } from '../../../src/rehearsal/fake-whatsapp/fault.ts'
import { FrameReader, frame } from '../../../src/rehearsal/fake-whatsapp/frames.ts'
import { admit, registrationIn } from '../../../src/rehearsal/fake-whatsapp/login.ts'
import { NoiseResponder, processAuthority } from '../../../src/rehearsal/fake-whatsapp/noise.ts'
import { SignalPeer, sealedIn } from '../../../src/rehearsal/fake-whatsapp/peer.ts'
import { learnProtocol } from '../../../src/rehearsal/fake-whatsapp/protocol.ts'
import { SeededRandom } from '../../../src/rehearsal/fake-whatsapp/random.ts'
import { ServerState } from '../../../src/rehearsal/fake-whatsapp/server-state.ts'
import { content, node, number } from '../../../src/rehearsal/fake-whatsapp/stanza.ts'

beforeAll(() => learnProtocol())

describe('bytes of a client', () => {
  const intro = Buffer.from(NOISE_WA_HEADER)
  const routing = Buffer.from([...Buffer.from('ED'), 0, 1, 0, 0, 2, 9, 9])

  test.each([
    ['the intro', intro],
    ['routing info and the intro', Buffer.concat([routing, intro])],
  ])('are cut into frames after %s, however they come', (_, first) => {
    const bytes = Buffer.concat([first, frame(Buffer.from('one')), frame(Buffer.alloc(0)), frame(Buffer.from('three'))])
    const texts = (parts: readonly Buffer[]) => {
      const reader = new FrameReader()
      return parts.flatMap((part) => reader.push(part)).map(String)
    }
    expect(texts([bytes])).toEqual(['one', '', 'three'])
    expect(texts([...bytes].map((byte) => Buffer.from([byte])))).toEqual(['one', '', 'three'])
  })

  test('that begin otherwise are refused', () => {
    expect(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1'))).toThrow('The intro is not WhatsApp’s.')
  })

  test('are no handshake if they say nothing, and nothing is read or written before its end', () => {
    const responder = new NoiseResponder(processAuthority)
    const empty = Buffer.from(proto.HandshakeMessage.encode({}).finish())
    const half = Buffer.from(proto.HandshakeMessage.encode({ clientFinish: { static: Buffer.alloc(48) } }).finish())
    expect(() => responder.hello(empty, intro)).toThrow('no client hello')
    for (const bytes of [empty, half]) expect(() => responder.finish(bytes)).toThrow('no client finish')
    expect(() => responder.seal(Buffer.alloc(1))).toThrow('not finished')
    expect(() => responder.open(Buffer.alloc(17))).toThrow('not finished')
  })

  test('of a registration may lack everything', () => {
    const none = Buffer.alloc(0)
    const finish = (payload: proto.IClientPayload) => ({ staticKey: none, payload: payload as proto.ClientPayload })
    expect(registrationIn(finish({}))).toBeUndefined()
    const state = new ServerState(new SeededRandom(1), {
      latencyMs: 0,
      qrRefs: 1,
      offlineDelayMs: 0,
      claimedPreKeys: 0,
    })
    state.account('491')
    for (const payload of [{}, { username: 491 }])
      expect(admit(finish(payload), state)).toEqual({ refusal: faults.loggedOut })
    expect(registrationIn(finish({ devicePairingData: {} }))).toEqual({
      noiseKey: none,
      registrationId: 0,
      identityKey: none,
      signedPreKey: { keyId: 0, publicKey: none, signature: none },
    })
  })

  test('in a node are what it holds, or none', () => {
    expect(
      [node('a', {}, 'text'), node('a', {}, Buffer.from('raw')), node('a', {}, []), undefined].map(content).map(String),
    ).toEqual(['text', 'raw', '', ''])
    expect(number(node('a'), 'id')).toBe(0)
    expect(sealedIn(node('enc'))).toBeUndefined()
  })

  test('of a bundle may be without a one-time key', () => {
    const { preKey, ...bundle } = new SignalPeer().bundle()
    expect(preKey).toBeDefined()
    const [registration, ...keys] = bundleNodes(bundle)
    const receipt = node('receipt', {}, [registration ?? node('none'), node('keys', {}, keys)])
    expect(bundleInRetry(receipt)).toEqual(bundle)
  })
})
