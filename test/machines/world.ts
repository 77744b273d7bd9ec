import {
  type CloseCause,
  type Evidence,
  type Facts,
  noEvidence,
  noOutbound,
  type Outbound,
  type PrepareInput,
  type PruneInput,
  type SocketEvent,
} from '../../machines/index.ts'
import type { VirtualClock } from './virtual-clock.ts'

export const cause = (kind: CloseCause['kind'], rest: Partial<CloseCause> = {}): CloseCause => ({
  kind,
  message: `${kind} in the model`,
  ...rest,
})

/** The number that a rig expects unless told otherwise, and a device of another one. */
export const expectedNumber = '491700000001'
export const stranger = '491700000002:1@s.whatsapp.net'

export interface ModelSocket {
  readonly generation: number
  readonly auth: 'account' | 'staging'
  readonly phone: string | undefined
  /** Whether the supervisor still listens. */
  attached: boolean
  open: boolean
  /** A socket may write until its fence is shut. */
  fenced: boolean
  readonly send: (event: SocketEvent) => void
}

/**
 * Everything outside the machine: folder, network, account, phone, other client, contacts. A test changes it as it
 * likes.
 */
export class ModelWorld {
  readonly clock: VirtualClock
  net = true
  /** How WhatsApp answers a login with the account's credentials; undefined lets it in. `silent` never answers. */
  login: CloseCause | 'silent' | undefined
  /** How WhatsApp answers a fresh identity that asks for a code. */
  pairLogin: CloseCause | undefined
  creds: 'good' | 'absent' | 'unreadable' | 'lost' = 'good'
  staging: 'none' | 'fresh' | 'scanned' = 'none'
  disk: 'well' | 'full' = 'well'
  owner = true
  /** Another client with the same credentials: pushes us out this long after we opened. */
  otherClientAfterMs: number | undefined
  /** How long after a code comes on show the phone scans it. */
  scansAfterMs: number | undefined
  /** What the server says to the login with the identity just scanned; undefined lets it in after the usual 515. */
  scannedLogin: CloseCause | undefined
  /** The id that the phone which scans has, and the one that the staged identity was linked to. */
  scannedBy = 'self@model'
  stagedBy = 'self@model'
  closeMs = 5
  /** So many of the next calls of a service fail. */
  failing = {
    closeSocket: 0,
    pruneSessions: 0,
    healAddress: 0,
    prepareAuth: 0,
    probe: 0,
    openSocket: 0,
    unlinkDevice: 0,
  }
  hangs = {
    healAddress: false,
    pruneSessions: false,
    promotePairing: false,
    prepareAuth: false,
    unlinkDevice: false,
    discardPairing: false,
  }
  /** Contacts whose session file is damaged. */
  readonly poisoned = new Set<string>()
  /** Everybody who writes to us; without them nobody does. */
  readonly contacts = new Set<string>()
  talkMs = 10_000
  /** Setting its session aside cures a contact. */
  pruningCures = true
  liveCureWorks = false
  evidence: Evidence = noEvidence
  /** Contacts who cannot read what is written to them: they ask again for each message. */
  readonly cannotRead = new Set<string>()
  outbound: Outbound = noOutbound

  readonly sockets: ModelSocket[] = []
  readonly opened: {
    readonly at: number
    readonly generation: number
    readonly auth: string
    readonly phone?: string | undefined
  }[] = []
  readonly prunes: { readonly at: number; readonly scope: string; readonly addresses: readonly string[] }[] = []
  /** What the prune service was called with, whether it succeeded or not. */
  readonly prepareCalls: PrepareInput[] = []
  readonly pruneCalls: PruneInput[] = []
  readonly codes: { readonly at: number; readonly code: string; readonly creds: string }[] = []
  readonly credsChanges: string[] = []
  /** Ids of the devices that were logged out again. */
  readonly unlinked: string[] = []
  /** Pairings that were set aside. */
  discarded = 0
  readonly heals: (readonly string[])[] = []
  /** The devices that got a new session because they could not read. */
  readonly renewals: (readonly string[])[] = []
  /** How the last login with the account's own credentials ended. */
  lastLogin: CloseCause['kind'] | 'open' | undefined
  readonly violations: string[] = []
  facts: Facts | undefined
  /** Called when the folder or the contacts changed what is known of messages that cannot be read, here or there. */
  onEvidence: () => void = () => undefined
  onOpen: (socket: ModelSocket) => void = () => undefined

  constructor(clock: VirtualClock) {
    this.clock = clock
  }

  get unfenced(): readonly ModelSocket[] {
    return this.sockets.filter(({ fenced }) => !fenced)
  }

  get current(): ModelSocket | undefined {
    return this.sockets.findLast(({ fenced, attached }) => attached && !fenced)
  }

  #finish: (() => void)[] = []

  /** A service that hangs, until it is let go. */
  hang(): Promise<void> {
    return new Promise((resolve) => this.#finish.push(resolve))
  }

  letGo(): void {
    for (const finish of this.#finish.splice(0)) finish()
  }

  fail(what: string): void {
    this.violations.push(`${what} at ${this.clock.now()} ms`)
  }

  later(ms: number, run: () => void): number {
    return this.clock.setTimeout(run, ms)
  }

  fails(service: keyof ModelWorld['failing']): boolean {
    if (this.failing[service] === 0) return false
    this.failing[service] -= 1
    return true
  }

  /** No file may be touched while a socket may still write. */
  touches(what: string): void {
    if (this.unfenced.length > 0) this.fail(`${what} while a socket could still write`)
  }

  close(why: CloseCause): void {
    const socket = this.current
    if (!socket) return
    if (socket.auth === 'account' && !socket.open) this.lastLogin = why.kind
    socket.open = false
    socket.send({ type: 'socket.close', generation: socket.generation, cause: why })
  }

  /** Everything works again, the phone included if asked; what waits for a person still waits. */
  heal(): void {
    this.net = true
    this.login = undefined
    this.pairLogin = undefined
    this.scannedLogin = undefined
    this.scannedBy = 'self@model'
    this.disk = 'well'
    this.owner = true
    this.otherClientAfterMs = undefined
    this.closeMs = 5
    this.failing = {
      closeSocket: 0,
      pruneSessions: 0,
      healAddress: 0,
      prepareAuth: 0,
      probe: 0,
      openSocket: 0,
      unlinkDevice: 0,
    }
    this.hangs = {
      healAddress: false,
      pruneSessions: false,
      promotePairing: false,
      prepareAuth: false,
      unlinkDevice: false,
      discardPairing: false,
    }
    this.poisoned.clear()
    this.cannotRead.clear()
    this.evidence = noEvidence
    this.outbound = { ...noOutbound, connected: this.outbound.connected }
    this.onEvidence()
  }
}
