import { defaultPolicy } from '../../machines/index.ts'

const bytes = (text: string, length = 33) => Buffer.alloc(length, text).toString('base64')

/** A session as libsignal stores it after so many turns: every chain but the last is closed, and all its keys used. */
export function grownSession(turns: number) {
  const last = bytes(`turn ${turns - 1}`)
  const chains = Array.from({ length: turns }, (_, turn) => [
    bytes(`turn ${turn}`),
    {
      chainKey: turn === turns - 1 ? { counter: 0, key: bytes('chain', 32) } : { counter: 0 },
      chainType: 2,
      messageKeys: {},
    },
  ])
  const session = {
    registrationId: 7,
    currentRatchet: {
      ephemeralKeyPair: { pubKey: bytes('own'), privKey: bytes('private', 32) },
      lastRemoteEphemeralKey: last,
      previousCounter: 0,
      rootKey: bytes('root', 32),
    },
    indexInfo: {
      baseKey: bytes('base'),
      baseKeyType: 2,
      closed: -1,
      used: 1,
      created: 1,
      remoteIdentityKey: bytes('them'),
    },
    _chains: Object.fromEntries(chains) as Record<string, unknown>,
  }
  return { _sessions: { [session.indexInfo.baseKey]: session }, version: 'v1' }
}

/** What is left of it: the first chain and the newest ones. */
export const keptChains = defaultPolicy.trim.receiverChains + 1

export const chainsIn = (record: unknown): number =>
  Object.values((record as ReturnType<typeof grownSession>)._sessions).flatMap(({ _chains }) => Object.keys(_chains))
    .length

/** The key that an account sends to a group with, as Baileys stores it after so many messages. */
export function grownSenderKey(messages: number): Buffer {
  const seed = Buffer.alloc(32, 'seed')
  const state = {
    senderKeyId: 7,
    senderChainKey: { iteration: 2 * messages, seed },
    senderSigningKey: { public: Buffer.alloc(33, 'public'), private: Buffer.alloc(32, 'private') },
    senderMessageKeys: Array.from({ length: messages }, (_, at) => ({ iteration: 2 * at, seed })),
  }
  return Buffer.from(JSON.stringify([state]))
}
