import { ArrivedMessages } from '../../baileys/arrived-messages.ts'
import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { DecryptedMessages } from '../../baileys/decrypted-messages.ts'
import { askWithKeys } from '../../baileys/first-question.ts'
import { gateMessages, type MessageGate } from '../../baileys/message-gate.ts'
import { keepOrder } from '../../baileys/message-order.ts'
import { lookUnderOtherAddresses } from '../../baileys/other-address.ts'
import { quickAgreements } from '../../baileys/quick-agreement.ts'
import { fillRetryMemoryAsNeeded } from '../../baileys/retry-memory.ts'
import { mendSenderKeys } from '../../baileys/sender-key-repair.ts'
import { forgotten, giveSessionsTurns, type SessionTurns } from '../../baileys/session-turns.ts'
import { SessionWork } from '../../baileys/session-work.ts'
import { settleAddresses } from '../../baileys/settle-addresses.ts'
import { addressLine } from '../../baileys/signal-address.ts'
import { type BaileysSocket, listen } from '../../baileys/socket.ts'
import { guardSocket } from '../../baileys/socket-guard.ts'
import { socketLacks } from '../../baileys/socket-parts.ts'
import { tellOnce } from '../../baileys/tell-once.ts'
import { restTransactionStorage } from '../../baileys/transaction-storage.ts'
import { isClosed, rawSocket } from '../../baileys/transport-state.ts'
import { keyFileName } from '../../stores/file-name.ts'
import type { AuthStore, OpenAuth } from '../../stores/store.ts'
import type { AccountJournal } from './account-journal.ts'
import { within } from './deadline.ts'
import type { Resender } from './sent/resender.ts'

/** What a socket needs of its account's resources. */
interface SocketParts {
  readonly mode: 'heal' | 'observe'
  readonly store: Pick<AuthStore, 'copyAside'>
  readonly journal: Pick<AccountJournal, 'act' | 'would'>
  readonly decrypted: DecryptedMessages
  readonly report: (error: unknown, doing: string) => void
  /** Told of what Baileys stumbled over by itself. */
  readonly stray: (error: unknown, doing: string) => void
  reportOnce(error: unknown, doing: string): void
}

/**
 * One socket from before its birth to after its end: it may still be on its way out of `connect`, open, ending, or left
 * to its fence. Whatever happens, its auth is fenced before anything else touches the folder.
 */
export class LiveSocket {
  readonly generation: number
  readonly auth: OpenAuth
  socket: BaileysSocket | undefined
  /** The newest message from an address that could not be read here. */
  unread: (address: string) => BinaryNode | undefined = () => undefined
  /** Whose jid it is under the other kind of jid, as a message says that is still to be read. */
  alt: (jid: string) => string | undefined = () => undefined
  /** Sends again what devices ask for, over this socket. */
  resender: Resender | undefined
  #turns: SessionTurns | undefined
  readonly #work: SessionWork
  readonly #resources: SocketParts
  readonly #offs: (() => void)[] = []
  readonly #lastOffs: (() => void)[] = []
  #detached = false
  #closing: Promise<void> | undefined
  #shut = false
  #messages: MessageGate | undefined
  readonly #closed = signal()
  /** Set off when the socket has had its time to close. */
  readonly #late = signal()
  readonly #deadlines = new Set<NodeJS.Timeout>()

  constructor(generation: number, auth: OpenAuth, resources: SocketParts, work = new SessionWork()) {
    this.#work = work
    this.generation = generation
    this.auth = auth
    this.#resources = resources
  }

  /** True once its events count no more. */
  get detached(): boolean {
    return this.#detached
  }

  /** The socket has arrived from `connect`. One that comes after the end is ended at once. */
  adopt(socket: BaileysSocket): boolean {
    this.socket = socket
    for (const { part, off } of socketLacks(socket))
      this.#resources.reportOnce(
        new Error(`this socket has no ${part}, so ${off}. ${allElse}`),
        `looking at its ${part}`,
      )
    restTransactionStorage(socket)
    this.keepToTheEnd(quickAgreements.use())
    fillRetryMemoryAsNeeded(socket)
    guardSocket(socket, this.#resources.stray)
    const followBacklog = keepOrder(socket)
    const arrived = new ArrivedMessages(socket.ws)
    this.#turns = giveSessionsTurns(socket, this.#work)
    if (this.#turns) {
      lookUnderOtherAddresses(socket, this.#turns, this.#otherAddresses())
      mendSenderKeys(socket, arrived, this.#turns, this.#senderKeyRepair())
    }
    tellOnce(socket, arrived, this.#resources.decrypted)
    const { creds } = this.auth.state
    const heals = this.#resources.mode === 'heal'
    askWithKeys(socket, arrived, { identity: () => creds.signedIdentityKey.public, heals })
    followBacklog()
    this.#messages = gateMessages(socket, () => this.#flush())
    // These stay to the end: they are how the end is known, and how a late error finds a listener.
    socket.ws.on('close', this.#closed.set)
    socket.ws.on('error', ignore)
    listen(socket.ev, 'connection.update', (update) => {
      if (isClose(update)) this.#closed.set()
    })
    if (isClosed(socket.ws)) this.#closed.set()
    if (!this.#detached) return true
    void this.#end().then(() => cut(socket))
    return false
  }

  #otherAddresses(): Parameters<typeof lookUnderOtherAddresses>[2] {
    const { mode, store, journal } = this.#resources
    const { creds } = this.auth.state
    return {
      alt: (jid) => this.alt(jid),
      me: () => creds.me,
      identity: () => creds.signedIdentityKey.public,
      keep: async (addresses) => {
        await store.copyAside(
          { kind: 'sessions', addresses },
          'a session under the other address of its contact is used',
        )
      },
      found: (what) => {
        if (mode === 'observe' && what === 'session') journal.would('sessions-moved', 1, underOther)
        return mode === 'heal'
      },
      moved: (what) => what === 'session' && journal.act('sessions-moved', 1, underOther),
    }
  }

  /** Brings what is known by two addresses under the one where version 7 looks; resolves with how many sessions. */
  async settleAddresses(): Promise<number> {
    const { socket, auth } = this
    if (!socket || !this.#turns || !auth.keyNames || addressLine(socket) !== 'v7') return 0
    return settleAddresses(socket.authState.keys, this.#turns, await auth.keyNames(), auth.state.creds.me)
  }

  #senderKeyRepair(): Parameters<typeof mendSenderKeys>[3] {
    const { mode, store, journal, decrypted } = this.#resources
    return {
      wasTold: (id) => decrypted.wasTold(id),
      keep: async (name) => {
        await store.copyAside({ kind: 'files', names: [keyFileName('sender-key', name)] }, outOfStep)
      },
      mayTakeOut: () => {
        if (mode === 'observe') journal.would('sender-key-set-aside', undefined, outOfStep)
        return mode === 'heal'
      },
      takenOut: () => journal.act('sender-key-set-aside', undefined, outOfStep),
    }
  }

  /**
   * Forgets the sessions of these addresses through the key store that Baileys uses itself, so that its caches agree.
   * `first` comes before, in the same turn, and says whether they are to be forgotten. Resolves with what it said.
   */
  async forgetSessions(addresses: readonly string[], first: () => Promise<boolean>): Promise<boolean> {
    if (this.#turns) return this.#turns.forget(addresses, first)
    const keys = this.socket?.authState.keys
    if (!keys || !(await first())) return false
    if (addresses.length === 0) return true
    const forget = async () => keys.set(forgotten(addresses))
    // A plain write goes past what the transactions of Baileys 6 remember: the session would come back with the next
    // message.
    await (keys.transaction ? keys.transaction(forget, addresses.join()) : forget())
    return true
  }

  /** Keeps an unsubscribe function for `detach`. */
  keep(off: () => void): void {
    if (this.#detached) off()
    else this.#offs.push(off)
  }

  /**
   * Keeps an unsubscribe function until nothing can be written any more: a message that is decrypted meanwhile has used
   * its key up, so it has to be told.
   */
  keepToTheEnd(off: () => void): void {
    if (this.#shut) off()
    else this.#lastOffs.push(off)
  }

  /** What a listener throws is reported: it would otherwise surface in the middle of Baileys' own work. */
  listen(event: string, listener: (data: unknown) => void): void {
    if (!this.socket) return
    const guarded = (data: unknown) => {
      if (this.#detached) return
      try {
        listener(data)
      } catch (error) {
        this.#resources.report(error, `taking in ${event}`)
      }
    }
    this.keep(listen(this.socket.ev, event, guarded))
  }

  /** From now on nothing that this socket does is heard here; its owner hears of it to the end. */
  detach(): void {
    if (this.#detached) return
    this.#detached = true
    for (const off of this.#offs.splice(0)) off()
  }

  /** For how long the message that is being taken in has been; 0 if none is. */
  get busyMs(): number {
    return this.#messages?.busyMs ?? 0
  }

  /** How many messages have arrived and are not taken in yet. */
  get waiting(): number {
    return this.#messages?.waiting ?? 0
  }

  /**
   * Detaches, lets Baileys finish the message that it is reading, ends the socket, waits for its close until the
   * deadline, cuts the line if it did not close, and shuts the fence. Resolves when nothing can be written any more.
   * May be called again: with a shorter deadline it hurries, after a failure it tries anew.
   */
  close(deadlineMs: number): Promise<void> {
    if (this.#shut) return Promise.resolve()
    this.#deadlines.add(setTimeout(this.#late.set, deadlineMs))
    this.#closing ??= this.#close(deadlineMs).finally(() => {
      this.#closing = undefined
      for (const timer of this.#deadlines) clearTimeout(timer)
    })
    return this.#closing
  }

  async #close(deadlineMs: number): Promise<void> {
    this.detach()
    if (this.socket) {
      // What it does after the message was told may need answers that never come; the end needs its share of the time.
      await Promise.race([within(deadlineMs / 2, async () => this.#messages?.shut()), this.#late.promise])
      // Before the end: Baileys 7 throws away in it what it holds back.
      this.#flush()
      // In v7 end() itself waits for the transport: up to 30 s on a half-open link.
      await Promise.race([Promise.all([this.#end(), this.#closed.promise]), this.#late.promise])
      cut(this.socket)
    }
    await this.auth.fence()
    await this.auth.close(deadlineMs)
    this.#messages?.release()
    this.#flush()
    this.#shut = true
    for (const off of this.#lastOffs.splice(0)) off()
  }

  /**
   * Baileys holds events back while it takes in a backlog; what was decrypted of it is told as soon as it can be, and
   * before nobody listens any more.
   */
  #flush(): void {
    try {
      this.socket?.ev.flush?.(true)
    } catch (error) {
      this.#resources.report(error, 'telling what was held back')
    }
  }

  async #end(): Promise<void> {
    try {
      await this.socket?.end(undefined)
    } catch {
      // It is gone already; the fence does the rest.
    }
  }
}

const ignore = (): void => undefined
const allElse = 'All else is supervised; Baileys 6.7 and 7 have it'
const outOfStep = 'a member of a group writes with a key that is out of step, so nothing of it could be read'
const underOther = 'they lay under the other address of their contact'

function isClose(update: unknown): boolean {
  return typeof update === 'object' && update !== null && 'connection' in update && update.connection === 'close'
}

function signal(): { readonly promise: Promise<void>; readonly set: () => void } {
  let set: () => void = ignore
  const promise = new Promise<void>((resolve) => {
    set = () => resolve()
  })
  return { promise, set }
}

/** Takes the TCP connection away from a socket that did not close by itself, so that no handle is left behind. */
function cut(socket: BaileysSocket): void {
  try {
    const raw = rawSocket(socket.ws)
    if (raw && 'terminate' in raw && typeof raw.terminate === 'function') raw.terminate()
  } catch {
    // Not every transport can be cut; the fence keeps the folder safe.
  }
}
