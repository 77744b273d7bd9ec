import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { Device, DeviceConnection } from './account.ts'
import { type Fault, farewell, faults, type Stage } from './fault.ts'
import { FrameReader, frame } from './frames.ts'
import { answer, answered } from './iq.ts'
import type { ServerEventKind } from './journal.ts'
import { Linking } from './linking.ts'
import { accountNumber, admit, registrationIn } from './login.ts'
import { type ClientFinish, derivations, NoiseResponder } from './noise.ts'
import { type Dictionary, dictionaryOf } from './protocol.ts'
import { route } from './routing.ts'
import type { ServerState } from './server-state.ts'
import { child, node, SERVER_JID, seconds } from './stanza.ts'
import type { WebSocketLink } from './websocket.ts'

/** A message of the handshake that promises more bytes than there are. */
const GARBAGE = Buffer.from([0x1a, 0x7f, 0x0a, 0x7f])

/** A frame as after the handshake, which no key opens. */
const SEALED_BY_NOBODY = Buffer.alloc(64, 0x5a)

/** A client that logged in as an active one and does not say so once more is taken for active after so long, ms. */
const ACTIVE_BY_LOGIN_MS = 500

/** No root has this serial number. */
const FOREIGN_ISSUER = 7

/** One client's connection, from its first byte to its last. */
export class Connection implements DeviceConnection {
  readonly number: number
  readonly #state: ServerState
  readonly #link: WebSocketLink
  #fault: Fault | undefined
  readonly #noise: NoiseResponder
  readonly #reader = new FrameReader()
  readonly #questions = new Map<string, { resolve(answer: BinaryNode): void; reject(error: Error): void }>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** By which the client abbreviates. */
  #dictionary: Dictionary | undefined
  #stage: 'hello' | 'finish' | 'stanzas' | 'over' = 'hello'
  #device: Device | undefined
  #linking: Linking | undefined
  #deaf = false
  #opened = false
  #left = false
  #helloAt = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(state: ServerState, number: number, link: WebSocketLink, fault: Fault | undefined) {
    this.#state = state
    this.number = number
    this.#link = link
    this.#fault = fault
    this.#noise = new NoiseResponder(state.authority, fault?.kind === 'bad-certificate' ? FOREIGN_ISSUER : undefined)
  }

  get device(): Device | undefined {
    return this.#device
  }

  get deaf(): boolean {
    return this.#deaf
  }

  /** The server has said goodbye or lost it, whatever the client's end still does. */
  get over(): boolean {
    return this.#left
  }

  /** The WebSocket is open. */
  opened(): void {
    this.#record('connected')
    this.#stopsAt('connect')
  }

  /** Bytes of the client. Frames are worked off one after the other: decoding is asynchronous, their order matters. */
  read(data: Buffer): void {
    if (this.#stage === 'over') return
    this.#turn = this.#turn.then(() => this.#readFrames(data)).catch((error) => this.#broken(error))
  }

  closed(): void {
    this.#leave()
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { reject } of this.#questions.values()) reject(new Error('The client has gone.'))
    if (this.#linking) {
      this.#linking.abandon()
      this.#state.linkings.delete(this.#linking)
    }
  }

  /** The client's end of the TCP connection may take longer; from here on the next login replaces nobody. */
  #leave(): void {
    if (this.#left) return
    this.#left = true
    this.#stage = 'over'
    if (this.#device?.connection === this) {
      this.#device.connection = undefined
      this.#device.online = false
    }
    this.#record('closed')
  }

  send(stanza: BinaryNode | Uint8Array): void {
    if (this.#stage !== 'stanzas' || !this.#dictionary) return
    const content = stanza instanceof Uint8Array ? stanza : this.#dictionary.encodeBinaryNode(stanza)
    this.#link.send(frame(this.#noise.seal(content)))
  }

  ask(iq: BinaryNode): Promise<BinaryNode> {
    return new Promise((resolve, reject) => {
      this.#questions.set(iq.attrs.id ?? '', { resolve, reject })
      this.send(iq)
    })
  }

  deliver(stanza: BinaryNode): void {
    this.send(stanza)
    if (stanza.tag !== 'message') return
    this.#state.deliveries.sent(stanza.attrs.id)
    this.#record('message-to-client', stanza.attrs.id)
  }

  suffer(fault: Fault): void {
    this.#record('fault', fault.kind)
    const words = farewell(fault)
    if (fault.kind === 'deaf') this.#deaf = true
    else if (fault.kind === 'garbage') this.#link.send(frame(SEALED_BY_NOBODY))
    else if (fault.kind === 'reset') this.#link.destroy()
    else if (words || fault.kind === 'close') {
      if (words) this.send(words)
      this.#link.close()
      this.#leave()
    } else this.#link.freeze()
  }

  /** Another login of the same device takes this connection's place. */
  replace(): void {
    this.#record('replaced')
    this.suffer(faults.replaced)
  }

  async #readFrames(data: Buffer): Promise<void> {
    for (const content of this.#reader.push(data)) {
      if (this.#stage === 'hello') this.#hello(content)
      else if (this.#stage === 'finish') await this.#finish(this.#noise.finish(content))
      else if (this.#stage === 'stanzas' && this.#dictionary)
        await this.#stanza(await this.#dictionary.decodeBinaryNode(this.#noise.open(content)))
    }
  }

  #hello(content: Buffer): void {
    if (this.#stopsAt('hello')) return
    const { header } = this.#reader
    this.#dictionary = dictionaryOf(header)
    this.#helloAt = Date.now()
    const garbled = this.#fault?.kind === 'garbage'
    this.#link.send(frame(garbled ? GARBAGE : this.#noise.hello(content, header)))
    this.#stage = garbled ? 'over' : 'finish'
  }

  async #finish(finish: ClientFinish): Promise<void> {
    this.#stage = 'stanzas'
    // Version 6 of Baileys derives its transport keys after it has sent this, and loses a frame that arrives sooner.
    // Its part of the handshake took three such derivations: on a machine under load, twice as long is a safe measure
    // of one in another process; in this one they wait in the same queue as ours, so that a client which began sooner
    // is done before us.
    await this.#after(Math.max(this.#state.settings.latencyMs, 2 * (Date.now() - this.#helloAt)))
    await derivations(4)
    if (this.#left) return
    const registration = registrationIn(finish)
    const number = accountNumber(finish.payload)
    this.#record('handshake')
    if (!registration) this.#fault ??= this.#state.faults.take(number)
    if (this.#stopsAt('login')) return
    const fault = this.#fault
    if (fault && farewell(fault)) this.suffer(fault)
    else if (registration) {
      this.#record('registering')
      this.#linking = new Linking(this.#state, this, registration, fault?.kind === 'passkey-wanted')
      this.#state.linkings.add(this.#linking)
      this.#linking.offer(fault?.kind === 'qr-refs' ? fault.count : this.#state.settings.qrRefs)
    } else this.#login(finish)
  }

  #login(finish: ClientFinish): void {
    const login = admit(finish, this.#state)
    const fault = this.#fault
    if ('refusal' in login) {
      this.#record('refused', String(login.refusal.reason))
      this.suffer(login.refusal)
      return
    }
    const { device } = login
    const previous = device.connection
    this.#device = device
    this.#record('login')
    previous?.replace()
    device.connection = this
    device.online = false
    if (fault) this.#record('fault', fault.kind)
    if (fault?.kind === 'no-pre-keys') device.preKeys.clear()
    if (fault?.kind === 'deaf') this.#deaf = true
    this.send(node('success', { t: seconds(), lid: device.lid, location: 'frc', abprops: '1' }))
    // Both lines of Baileys say it with a query of its own; a fork that does not would wait for its backlog for ever.
    if (finish.payload.passive === false) void this.#after(ACTIVE_BY_LOGIN_MS).then(() => this.#active(device))
  }

  async #stanza(stanza: BinaryNode): Promise<void> {
    if (stanza.tag === 'iq') return this.#iq(stanza)
    if (this.#device) await route({ state: this.#state, from: this.#device, connection: this.number, stanza })
  }

  #iq(iq: BinaryNode): void {
    const { id = '', type } = iq.attrs
    const question = this.#questions.get(id)
    if (type === 'result' || type === 'error') {
      this.#questions.delete(id)
      question?.resolve(iq)
    } else if (this.#device) {
      this.send(answer(iq, { state: this.#state, device: this.#device, connection: this.number }))
      if (iq.attrs.xmlns === 'passive' && child(iq, 'active')) this.#active(this.#device)
    } else this.send(answered(iq, this.#linkCode(iq)))
  }

  #linkCode(iq: BinaryNode): BinaryNode[] | undefined {
    const request = child(iq, 'link_code_companion_reg')
    if (!request || !this.#linking) return undefined
    if (request.attrs.stage === 'companion_hello') {
      const answer = this.#linking.companionHello(request)
      this.#record('code-asked', request.attrs.jid)
      if (this.#fault?.kind === 'code-refused') {
        const { code, backoff } = this.#fault
        return [node('error', { code: String(code), backoff: backoff === undefined ? undefined : String(backoff) })]
      }
      return [answer]
    }
    this.#linking.companionFinish(request)
    return undefined
  }

  /** The client is ready: after a moment, as on the real server, it gets what has waited for it. */
  #active(device: Device): void {
    if (this.#opened || this.#left) return
    this.#opened = true
    this.#record('opened')
    void this.#after(this.#state.settings.offlineDelayMs).then(() => {
      if (device.connection === this) this.#goOnline(device)
    })
  }

  #goOnline(device: Device): void {
    const waiting = this.#deaf ? [] : device.backlog
    device.online = true
    for (const [at, stanza] of waiting.entries()) {
      this.deliver({ ...stanza, attrs: { ...stanza.attrs, offline: String(at) } })
    }
    if (this.#fault?.kind === 'no-offline-node') return
    this.send(node('ib', { from: SERVER_JID }, [node('offline', { count: String(waiting.length) })]))
    this.#record('online', String(waiting.length))
    if (this.#fault?.kind === 'half-open') this.#link.freeze()
  }

  /** Resolves later; never, if the connection ends first. */
  #after(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, delayMs)
      this.#timers.add(timer)
    })
  }

  #stopsAt(stage: Stage): boolean {
    const fault = this.#fault
    if (!fault || !('at' in fault) || fault.at !== stage) return false
    this.#record('fault', `${fault.kind} at ${stage}`)
    if (fault.kind === 'close') this.#link.close()
    if (fault.kind === 'reset') this.#link.destroy()
    this.#stage = 'over'
    return true
  }

  #broken(error: unknown): void {
    this.#record('error', error instanceof Error ? error.message : String(error))
    this.#link.destroy()
  }

  #record(kind: ServerEventKind, detail?: string): void {
    const about = this.#device ? { account: this.#device.account.number, device: this.#device.id } : {}
    this.#state.journal.add(kind, { connection: this.number, ...about, ...(detail === undefined ? {} : { detail }) })
  }
}
