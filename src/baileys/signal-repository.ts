import { read } from '../errors/error-chain.ts'
import { addressLine, mappedAddress } from './signal-address.ts'
import type { BaileysSocket } from './socket.ts'

/**
 * What Baileys does with sessions and sender keys: the part of `sock.signalRepository` that both lines have, and what
 * version 7 adds.
 */
export interface SignalRepository {
  encryptMessage: (args: { readonly jid: string }) => Promise<unknown>
  decryptMessage: (args: {
    readonly jid: string
    readonly type: string
    readonly ciphertext: Uint8Array
  }) => Promise<unknown>
  injectE2ESession: (args: { readonly jid: string }) => Promise<unknown>
  encryptGroupMessage: (args: { readonly group: string; readonly meId: string }) => Promise<unknown>
  decryptGroupMessage: (args: GroupCiphertext) => Promise<unknown>
  processSenderKeyDistributionMessage: (args: KeyDistribution) => Promise<unknown>
  jidToSignalProtocolAddress(jid: string): string
  getSenderKeyDistributionMessage?: (args: { readonly group: string; readonly meId: string }) => Promise<unknown>
  validateSession?: (jid: string) => Promise<unknown>
  getSessionInfo?: (jid: string) => Promise<unknown>
  deleteSession?: (jids: string[]) => Promise<unknown>
  migrateSession?: (fromJid: string, toJid: string) => Promise<unknown>
  readonly lidMapping?: LidMapping
}

export interface GroupCiphertext {
  readonly group: string
  readonly authorJid: string
  readonly msg: Uint8Array
}

export interface KeyDistribution {
  readonly authorJid: string
  readonly item: { readonly groupId?: string | null }
}

/** Version 7's mapping of phone numbers to LIDs; asks the server for what it does not know. */
export interface LidMapping {
  getLIDForPN(pn: string): Promise<string | null>
  storeLIDPNMappings?(pairs: readonly { readonly lid: string; readonly pn: string }[]): Promise<void>
}

const operations: readonly (keyof SignalRepository)[] = [
  'encryptMessage',
  'decryptMessage',
  'injectE2ESession',
  'encryptGroupMessage',
  'decryptGroupMessage',
  'processSenderKeyDistributionMessage',
  'jidToSignalProtocolAddress',
]

/** The repository of a socket, if it has all that is known of one; a fork may have another. */
export function signalRepositoryOf(socket: Pick<BaileysSocket, 'signalRepository'>): SignalRepository | undefined {
  const { signalRepository } = socket
  const complete = operations.every((name) => typeof read(signalRepository, name) === 'function')
  return complete ? (signalRepository as SignalRepository) : undefined
}

/** Under which address this socket's Baileys keeps the session of a device. */
export const sessionAddress = async (
  socket: BaileysSocket,
  repository: SignalRepository,
  jid: string,
): Promise<string> =>
  addressLine(socket) === 'v7' ? mappedAddress(socket, jid) : repository.jidToSignalProtocolAddress(jid)

/** Puts another method in the place of one, for everybody who holds the object. Nothing happens where there is none. */
export function wrap<O extends object, K extends keyof O>(
  object: O,
  name: K,
  around: (inner: NonNullable<O[K]>) => NonNullable<O[K]>,
): void {
  const inner: unknown = object[name]
  if (typeof inner === 'function') object[name] = around(inner.bind(object) as NonNullable<O[K]>)
}

/** Puts `around` about every decryption, of one contact's messages and of a group's; it is given what is decrypted. */
export function wrapDecrypts(
  repository: SignalRepository,
  around: (ciphertext: Uint8Array, decrypt: () => Promise<unknown>) => Promise<unknown>,
): void {
  wrap(repository, 'decryptMessage', (inner) => (args) => around(args.ciphertext, () => inner(args)))
  wrap(repository, 'decryptGroupMessage', (inner) => (args) => around(args.msg, () => inner(args)))
}
