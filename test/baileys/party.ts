import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import type { SignalRepository } from '../../src/baileys/signal-repository.ts'
import type { BaileysSocket, KeyData } from '../../src/baileys/socket.ts'
import { restTransactionStorage } from '../../src/baileys/transaction-storage.ts'
import { SignalPeer } from '../../src/rehearsal/fake-whatsapp/peer.ts'
import { silent } from './lines.ts'

export const baileysLines = [
  { line: 'v7', baileys: v7 },
  { line: 'v6', baileys: v6 as unknown as typeof v7 },
] as const

/** Lets everything go on that does not wait for a timer or the system, that many times. */
export async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate)
}

/** The keys of one account in memory; `before` is waited for before a write is done. */
export class MemoryKeys {
  readonly stored = new Map<string, unknown>()
  before: (data: KeyData) => Promise<void> = async () => undefined

  async get(type: string, ids: readonly string[]): Promise<never> {
    await turnsOfTheLoop(1)
    return Object.fromEntries(ids.map((id) => [id, this.stored.get(`${type} ${id}`)])) as never
  }

  async set(data: KeyData): Promise<void> {
    // What Baileys passes may change while it is written.
    const changes = Object.entries(data).flatMap(([type, values]) =>
      Object.entries(values ?? {}).map(([id, value]) => [`${type} ${id}`, value] as const),
    )
    await this.before(data)
    for (const [name, value] of changes) {
      if (value === null) this.stored.delete(name)
      else this.stored.set(name, value)
    }
  }
}

/** A real socket that never gets anywhere, on keys in memory: what it does with sessions is Baileys' own. */
export function party(baileys: typeof v7, url: string, keys = new MemoryKeys()) {
  const creds = baileys.initAuthCreds()
  creds.me = { id: '491700000001:1@s.whatsapp.net', lid: '1007:1@lid' }
  const socket: BaileysSocket = baileys.makeWASocket({
    auth: { creds, keys: keys as never },
    logger: silent,
    waWebSocketUrl: url,
    fireInitQueries: false,
    connectTimeoutMs: 2_000,
  })
  restTransactionStorage(socket)
  const { signedIdentityKey, signedPreKey, registrationId } = creds
  const bundle = {
    registrationId,
    identityKey: Buffer.from(signedIdentityKey.public),
    signedPreKey: {
      keyId: signedPreKey.keyId,
      publicKey: Buffer.from(signedPreKey.keyPair.public),
      signature: Buffer.from(signedPreKey.signature),
    },
  }
  return { socket, keys, creds, repository: socket.signalRepository as SignalRepository, bundle }
}

export type Party = ReturnType<typeof party>

/** Somebody whom the account writes with, and what each can read of the other. */
export class Correspondent {
  readonly jid: string
  readonly address: string
  readonly peer = new SignalPeer()
  readonly #account = '491700000001.1'

  constructor(number: string) {
    this.jid = `${number}@s.whatsapp.net`
    this.address = `${number}.0`
  }

  /** Begins a session with the account, whose ratchet has turned once. */
  async meet(account: Party): Promise<void> {
    await this.peer.establish(this.#account, account.bundle)
    await this.write(account, 'hello')
    await this.read(await encrypt(account, this.jid, 'hello'))
  }

  /** The account reads a message of this one. */
  async write(account: Party, text: string, from = this.jid): Promise<string> {
    const { type, body } = await this.peer.encrypt(this.#account, Buffer.from(text))
    const args = { jid: from, type, ciphertext: body }
    return String(await account.repository.decryptMessage(args))
  }

  async read({ type, ciphertext }: Sealed): Promise<string> {
    return String(await this.peer.decrypt(this.#account, { type, body: ciphertext }))
  }
}

export interface Sealed {
  readonly type: 'pkmsg' | 'msg'
  readonly ciphertext: Buffer
}

/** As Baileys sends: within a transaction, which ends after the message has gone. */
export function encrypt({ socket, repository }: Party, jid: string, text: string): Promise<Sealed> {
  const send = () => repository.encryptMessage({ jid, data: Buffer.from(text) } as never) as Promise<Sealed>
  return socket.authState.keys.transaction?.(send, '491700000001:1@s.whatsapp.net') ?? send()
}
