import { read } from '../errors/error-chain.ts'
import { decryptReason, sessionReasons } from './decrypt-reason.ts'
import { type Acquaintance, addressesOf } from './other-addresses.ts'
import { headOf, senderKeyName, statesOf, storedStates } from './sender-key-states.ts'
import { type Sealed, tryOpening } from './session-trial.ts'
import type { SessionTurns } from './session-turns.ts'
import { senderKeyRecord, sessionRecord } from './session-work.ts'
import { parseJid } from './signal-address.ts'
import { type GroupCiphertext, sessionAddress, signalRepositoryOf, wrap } from './signal-repository.ts'
import type { BaileysSocket, KeyData } from './socket.ts'

export interface OtherAddressParts extends Acquaintance {
  /** The account's own public key. */
  readonly identity: () => Uint8Array
  /** Called before what is stored under these names is replaced; nothing is if it rejects. */
  readonly keep: (sessions: readonly string[]) => Promise<void>
  /** Whether what was found may be moved. */
  readonly found: (what: 'session' | 'sender-key') => boolean
  /** It was moved. */
  readonly moved: (what: 'session' | 'sender-key') => void
}

/**
 * A contact has two addresses, a phone number and a LID, and Baileys keeps a session, and a key for a group, under one
 * of them. Neither line finds what lies under the other: version 7 moves a session only once the list of that contact's
 * devices is stored, as after a message to it, and 6 never. Here a message that cannot be read is tried with what lies
 * under the other addresses of its sender. What opens it is moved to where Baileys looks, and Baileys reads the message
 * again, before anybody is told that it could not. What stood there, and could not read it, is kept first; it is not
 * put beside the other in one record, for what libsignal tries in vain in a record it damages (6.0.0).
 *
 * Moved and not copied: a session goes on with each message, so of two of them one is soon old, and version 7 would
 * write it over the other with the next message to that contact.
 */
export function lookUnderOtherAddresses(socket: BaileysSocket, turns: SessionTurns, parts: OtherAddressParts): void {
  const repository = signalRepositoryOf(socket)
  if (!repository) return
  const { keys } = socket.authState

  const session = async (args: Sealed & { readonly jid: string }): Promise<boolean> => {
    const target = await sessionAddress(socket, repository, args.jid)
    const others = (await addressesOf(args.jid, keys, parts)).filter((address) => address !== target)
    if (others.length === 0) return false
    return turns.exchange([target, ...others].map(sessionRecord), async (): Promise<KeyData | undefined> => {
      const stored: unknown = await keys.get('session', [target, ...others])
      const there = read(stored, target)
      if ((await tryOpening(there, args, parts.identity())) !== 'no') return undefined
      for (const address of others) {
        const other = read(stored, address)
        if ((await tryOpening(other, args, parts.identity())) !== 'opens') continue
        if (!parts.found('session')) return undefined
        if (there) await parts.keep([target, address])
        return { session: { [target]: other as Uint8Array, [address]: null } }
      }
      return undefined
    })
  }

  const senderKey = async ({ group, authorJid, msg }: GroupCiphertext): Promise<boolean> => {
    const id = headOf(msg)?.id
    const target = repository.jidToSignalProtocolAddress(authorJid)
    const others = (await addressesOf(authorJid, keys, parts)).filter((address) => address !== target)
    if (others.length === 0) return false
    const records = [target, ...others].map((address) => senderKeyRecord(group, address))
    return turns.exchange(records, async () => {
      const names = others.map((address) => senderKeyName(group, address))
      const name = senderKeyName(group, target)
      const stored: unknown = await keys.get('sender-key', [name, ...names])
      const there = statesOf(read(stored, name))
      const other = names.find((one) => statesOf(read(stored, one)).some((state) => state.senderKeyId === id))
      if (other === undefined || there.some((state) => state.senderKeyId === id)) return undefined
      if (!parts.found('sender-key')) return undefined
      const states = [...statesOf(read(stored, other)), ...there].slice(-mostStates)
      return { 'sender-key': { [name]: storedStates(states), [other]: null } }
    })
  }

  const again =
    <A, T>(what: 'session' | 'sender-key', fits: (text: string) => boolean, move: (args: A) => Promise<boolean>) =>
    (inner: (args: A) => Promise<T>) =>
    async (args: A): Promise<T> => {
      try {
        return await inner(args)
      } catch (error) {
        if (!fits(String(read(error, 'message')))) throw error
        // What fails here must not hide why the message could not be read.
        if (!(await move(args).catch(() => false))) throw error
        parts.moved(what)
        return inner(args)
      }
    }
  wrap(
    repository,
    'decryptMessage',
    again('session', (text) => sessionReasons.has(decryptReason(text)), session),
  )
  wrap(
    repository,
    'decryptGroupMessage',
    again('sender-key', (text) => noKey.test(text), senderKey),
  )
  const { lidMapping } = repository
  if (lidMapping)
    wrap(lidMapping, 'getLIDForPN', (inner) => async (pn) => {
      const lid = await inner(pn)
      if (!lid) return lid
      const said = parts.alt(pn)
      if (!said?.endsWith('@lid') || parseJid(said)?.user === parseJid(lid)?.user) return lid
      // The number has been given to somebody else, whose first message this is.
      await lidMapping.storeLIDPNMappings?.([{ lid: said, pn }])
      return inner(pn)
    })
}

/** As many keys as Baileys keeps of one device for one group. */
const mostStates = 5
const noKey = /^No session found to decrypt message|^No SenderKeyRecord found/
