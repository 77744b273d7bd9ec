import { setMaxListeners } from 'node:events'
import type { AnyActorRef } from 'xstate'
import type { ConnectionEvent, Facts, NoticeKind, Policy, Status } from '../../../machines/index.ts'
import { AccountCaches } from '../../baileys/caches/account-caches.ts'
import { DecryptedMessages } from '../../baileys/decrypted-messages.ts'
import type { StableEmitter } from '../../baileys/emitter.ts'
import type { OwnersLogger } from '../../baileys/logger-tap.ts'
import type { ServerAddress } from '../../baileys/server-address.ts'
import type { BaileysSocket } from '../../baileys/socket.ts'
import type { Traffic } from '../../baileys/traffic.ts'
import { AuthStoreError } from '../../errors/errors.ts'
import type { AuthStore, OpenAuth } from '../../stores/store.ts'
import type { AccountJournal } from './account-journal.ts'
import type { ConnectOptions } from './connect-options.ts'
import { DiskWatch } from './disk-watch.ts'
import type { EvidenceMonitor } from './evidence-monitor.ts'
import type { LiveSocket } from './live-socket.ts'
import type { OutboundMonitor } from './outbound-monitor.ts'
import type { Answering } from './round-trip.ts'
import { AnswerCount } from './sent/resender.ts'
import type { SentMessages } from './sent/sent-messages.ts'

/** Everything of one account that the services act on. Lives as long as supervision; actors come and go. */
export interface ResourceParts {
  readonly account: string
  readonly mode: 'heal' | 'observe'
  readonly policy: Policy
  readonly store: AuthStore
  readonly logger: OwnersLogger
  readonly connect: (options: ConnectOptions) => BaileysSocket | Promise<BaileysSocket>
  readonly emitter: StableEmitter
  readonly evidence: EvidenceMonitor
  readonly outbound: OutboundMonitor
  /** The last messages that the account has sent. */
  readonly sent: SentMessages
  /** Forgets them, in the store too. Never rejects. */
  readonly forgetSent: () => Promise<void>
  /** To the actor of the moment. */
  readonly tell: (event: ConnectionEvent) => void
  /**
   * A notice with what the service knows of it, and the status that it speaks of; default: the status of the moment.
   */
  readonly notify: (kind: NoticeKind, details: Readonly<Record<string, unknown>>, status?: Status) => void
  readonly onSocket: (socket: BaileysSocket | undefined) => void
  /** What is done to the stored account, or would be, is written down there. */
  readonly journal: AccountJournal
  /** Something failed that does not end anything: logged, and kept in the history. */
  readonly report: (error: unknown, doing: string) => void
  /** Baileys stumbled over something by itself: told once for each kind. */
  readonly stray: (error: unknown, doing: string) => void
  /** Milliseconds, for what is done only as long as there is time. Default: those of the process. */
  readonly clock?: () => number
}

export interface Resources extends ResourceParts {
  /** Aborts when supervision ends or the actor is replaced; every service obeys it. */
  abort: AbortController
  /** The newest socket, until it is closed and fenced. */
  live: LiveSocket | undefined
  /** Where the last socket dialled, if that is known. */
  server: ServerAddress | undefined
  /** An opening of the store that a socket waits for. Never rejects. */
  opening: Promise<void> | undefined
  /** The opened staging area, while a pairing is under way. */
  staging: OpenAuth | undefined
  /**
   * The eight characters that the owner chose for the pairing code that was asked for; undefined: Baileys draws them.
   * They are kept here and not in the statechart because they are a secret, and no decision looks at them.
   */
  pairingCode: string | undefined
  /** What lies under the other address of a contact was looked through in this run. */
  addressesSettled: boolean
  readonly clock: () => number
  /** Sessions that were not looked at after an unclean end, for want of time: file names, the newest first. */
  sessionsLeft: string[]
  readonly disk: DiskWatch
  /** What Baileys remembers of contacts and groups, across sockets. */
  readonly caches: AccountCaches
  /** What was decrypted lately, across sockets. */
  readonly decrypted: DecryptedMessages
  /** As `report`, but a second time for the same doing says nothing: what is so with every socket of the account. */
  reportOnce(error: unknown, doing: string): void
  /** When messages last passed, over all sockets of the account. */
  traffic: Traffic
  /** Whether something comes back for what the account writes to itself, over all its sockets. */
  answering: Answering
  /** How often each device got each message again. */
  readonly answers: AnswerCount
  /** Steps on the store that have not ended yet, even if nobody waits for their result any more. */
  readonly busy: Set<Promise<unknown>>
  /** Keeps the facts; never rejects. */
  saveFacts(facts: Facts): Promise<void>
}

export function createResources(parts: ResourceParts): Resources {
  let latest: Facts | undefined
  const { tell, report, store } = parts
  const disk = new DiskWatch({
    tell,
    report,
    tryWrite: async () => {
      if (latest) await store.writeFacts(latest)
    },
  })
  // For as long as there is this store: a journal outlives sockets.
  store.onTrouble?.((failure) => (failure ? disk.trouble('files', failure) : disk.well('files')))
  store.onRefused?.((words) => report(new Error(words), 'reading what is stored'))
  const reported = new Set<string>()
  let saving: Promise<void> = Promise.resolve()
  return {
    ...parts,
    abort: freshAbort(),
    live: undefined,
    server: undefined,
    opening: undefined,
    staging: undefined,
    traffic: {},
    answering: 'answered',
    pairingCode: undefined,
    addressesSettled: false,
    clock: parts.clock ?? (() => performance.now()),
    sessionsLeft: [],
    disk,
    caches: new AccountCaches(),
    decrypted: new DecryptedMessages(),
    reportOnce(error, doing) {
      if (!reported.has(doing)) report(error, doing)
      reported.add(doing)
    },
    answers: new AnswerCount(),
    busy: new Set(),
    saveFacts(facts) {
      latest = facts
      saving = saving
        .then(() => store.writeFacts(facts))
        .then(
          () => disk.well('facts'),
          (error: unknown) => {
            const code = error instanceof AuthStoreError ? error.code : 'AUTH_STORE_DISK'
            // Somebody else's to keep: whoever waits for the lock says so in the status.
            if (code === 'AUTH_STORE_NOT_OWNED') return
            if (code !== 'AUTH_STORE_DISK') report(error, 'keeping the facts')
            else disk.trouble('facts', error)
          },
        )
      return saving
    },
  }
}

/** One that any number of services may listen to. */
export function freshAbort(): AbortController {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal)
  return abort
}

/**
 * By actor system. No parameter leads here: the services are laid into the statechart once for the process, since that
 * costs 26 kB and more time than a start, and what its context or inputs held would be seen by every inspector.
 */
const bound = new WeakMap<AnyActorRef['system'], Resources>()

/** Ties an actor system to its account. */
export function bindResources(system: AnyActorRef['system'], resources: Resources): void {
  bound.set(system, resources)
}

export function resourcesOf(system: AnyActorRef['system']): Resources {
  const resources = bound.get(system)
  if (!resources) throw new Error('this actor system belongs to no supervisor')
  return resources
}
