import { createHmac } from 'node:crypto'
import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { Account, Device, Registration } from './account.ts'
import { newPair, sign } from './curve.ts'
import { faults } from './fault.ts'
import type { Journal } from './journal.ts'
import { type CompanionHello, readCompanionFinish, readCompanionHello, wrapPrimary } from './pairing-code.ts'
import { protocol } from './protocol.ts'
import type { SeededRandom } from './random.ts'
import { bytes, child, node, SERVER_JID, seconds } from './stanza.ts'

/** Account signatures begin with these bytes, so that they cannot be taken for something else. */
const ACCOUNT_SIGNATURE_PREFIX = Buffer.from([6, 0])

/** What a pairing needs of the server. */
interface LinkingWorld {
  readonly random: SeededRandom
  readonly journal: Journal
}

/** The connection over which a client waits to be paired. */
export interface LinkingConnection {
  readonly number: number
  send(stanza: BinaryNode): void
  /** Sends an `<iq>` and resolves with its answer; rejects when the connection ends first. */
  ask(iq: BinaryNode): Promise<BinaryNode>
  suffer(fault: typeof faults.restartRequired): void
}

/** One client that waits to be paired, from its first code to the restart that it is asked for. */
export class Linking {
  readonly #state: LinkingWorld
  readonly #connection: LinkingConnection
  readonly #registration: Registration
  readonly #wantsPasskey: boolean
  readonly #refs: string[] = []
  #hello: { hello: CompanionHello; ref: string } | undefined
  #finish: { resolve(finish: BinaryNode): void; reject(error: Error): void } | undefined

  constructor(state: LinkingWorld, connection: LinkingConnection, registration: Registration, wantsPasskey = false) {
    this.#state = state
    this.#connection = connection
    this.#registration = registration
    this.#wantsPasskey = wantsPasskey
  }

  /** Hands out the references; the client makes one code of each, one after the other. */
  offer(count: number): void {
    for (let i = 0; i < count; i++) this.#refs.push(`2@${this.#state.random.bytes(48).toString('base64')}`)
    const refs = this.#refs.map((ref) => node('ref', {}, Buffer.from(ref)))
    this.#connection.send(
      node('iq', { from: SERVER_JID, type: 'set', xmlns: 'md', id: this.#state.random.id(), t: seconds() }, [
        node('pair-device', {}, refs),
      ]),
    )
  }

  offers(ref: string): boolean {
    return this.#refs.includes(ref)
  }

  /** Whether the client has asked for a pairing code for that number. */
  waitsFor(jid: string): boolean {
    return this.#hello?.hello.jid === jid
  }

  /** The client asks for a pairing code: the answer is a reference. */
  companionHello(request: BinaryNode): BinaryNode {
    const hello = readCompanionHello(request)
    const ref = this.#state.random.bytes(24).toString('base64')
    this.#hello = { hello, ref }
    return node('link_code_companion_reg', { stage: 'companion_hello' }, [
      node('link_code_pairing_ref', {}, Buffer.from(ref)),
    ])
  }

  companionFinish(request: BinaryNode): void {
    this.#finish?.resolve(request)
  }

  /** The client has gone. */
  abandon(): void {
    this.#finish?.reject(new Error('The client has gone.'))
  }

  /** The phone's side of a pairing code: the secret that a scan would have read is agreed on over the wire. */
  async agreeOnSecret(account: Account, code: string): Promise<Buffer> {
    if (!this.#hello) throw new Error('No pairing code was asked for.')
    const { hello, ref } = this.#hello
    const primary = newPair()
    const finished = new Promise<BinaryNode>((resolve, reject) => {
      this.#finish = { resolve, reject }
    })
    this.#connection.send(
      node(
        'notification',
        { from: SERVER_JID, type: 'link_code_companion_reg', id: this.#state.random.id(), t: seconds() },
        [
          node('link_code_companion_reg', { stage: 'primary_hello' }, [
            node(
              'link_code_pairing_wrapped_primary_ephemeral_pub',
              {},
              wrapPrimary(primary.public, code, this.#state.random),
            ),
            node('primary_identity_pub', {}, account.phone.identity.pubKey.subarray(1)),
            node('link_code_pairing_ref', {}, Buffer.from(ref)),
          ]),
        ],
      ),
    )
    return readCompanionFinish(await finished, { hello, code, primary, identity: account.phone.identity })
  }

  /** Signs the client's identity for the account; the client is then asked to restart, as the real server does. */
  async complete(account: Account, advSecret: Buffer): Promise<Device> {
    if (this.#wantsPasskey) {
      const attrs = { from: SERVER_JID, type: 'companion_reg_refresh', id: this.#state.random.id(), t: seconds() }
      this.#connection.send(node('notification', attrs, [node('companion_reg_refresh')]))
      throw new Error('The phone could not link the device: the account wants a passkey.')
    }
    const id = account.reserveDevice()
    const answer = await this.#connection.ask(
      node('iq', { from: SERVER_JID, type: 'set', id: this.#state.random.id(), t: seconds() }, [
        node('pair-success', {}, [
          node('device-identity', {}, this.#signedIdentity(account, id, advSecret)),
          node('device', { jid: `${account.number}:${id}@${SERVER_JID}`, lid: `${account.lidUser}:${id}@lid` }),
          node('platform', { name: 'android' }),
        ]),
      ]),
    )
    if (bytes(child(answer, 'pair-device-sign'), 'device-identity').length === 0) {
      throw new Error('The client did not sign the pairing.')
    }
    const device = account.add(id, this.#registration)
    this.#state.journal.add('paired', { connection: this.#connection.number, account: account.number, device: id })
    this.#connection.suffer(faults.restartRequired)
    return device
  }

  #signedIdentity(account: Account, keyIndex: number, advSecret: Buffer): Uint8Array {
    const { proto } = protocol()
    const { pubKey, privKey } = account.phone.identity
    const details = proto.ADVDeviceIdentity.encode({
      rawId: this.#state.random.between(1, 2 ** 30),
      timestamp: Number(seconds()),
      keyIndex,
    }).finish()
    const signed = Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, this.#registration.identityKey])
    const identity = proto.ADVSignedDeviceIdentity.encode({
      details,
      accountSignatureKey: pubKey.subarray(1),
      accountSignature: sign(privKey, signed),
    }).finish()
    const hmac = createHmac('sha256', advSecret).update(identity).digest()
    return proto.ADVSignedDeviceIdentityHMAC.encode({ details: identity, hmac }).finish()
  }
}
