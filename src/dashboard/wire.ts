import type { Qr, Status } from '../../machines/index.ts'

// What the server of the dashboard and its page say to each other. Types only, so that the page may import it in a
// browser. All addresses are relative to where the dashboard is mounted.

/** `GET api/session`. A guest holds a one-time link: one account, its code and nothing else. */
export interface SessionView {
  readonly who: 'nobody' | 'owner' | 'guest'
  /** The account that a guest may see. */
  readonly account?: string
  /** When the session ends, epoch milliseconds; absent where a viewer on the gateway's own machine needs none. */
  readonly expiresAt?: number
}

/** `POST api/session` → 204 and a cookie. */
export interface TokenRequest {
  readonly token: string
}

/** `POST api/links/redeem` → 204 and a guest's cookie; once. The secret is the fragment of `link#<secret>`. */
export interface RedeemRequest {
  readonly secret: string
}

/** `POST api/links/code` → 204: a guest asks for codes once more after all were used up; once for each link. */

/** `POST api/links/characters` with `{ phone }` → {@link ActionView}: a guest asks for characters to type. */

/** The body of every answer that is not a success. */
export interface FailureView {
  readonly error: {
    /** For programs, e.g. `TOKEN_WRONG`. */
    readonly code: string
    readonly message: string
    readonly remediation: string
    /** With code `TOO_MANY_TRIES` or `TOO_MANY_STREAMS`: when it is worth trying again. */
    readonly retryAfterMs?: number
  }
}

/**
 * Server-sent event `snapshot`: everything that the viewer may see. The first event, unless `Last-Event-ID` or
 * `?since=` can be resumed from.
 */
export interface SnapshotEvent {
  readonly accounts: readonly AccountView[]
  /** The server's clock, epoch milliseconds. */
  readonly at: number
  /** Where several hosts run the accounts. An owner's eyes only. */
  readonly hosts?: readonly HostView[]
}

/** A host that runs accounts, and when it last showed that it lives: what is known of its accounts is as old. */
export interface HostView {
  readonly host: string
  /** Epoch milliseconds by the server's clock. */
  readonly heardAt: number
}

/** Server-sent event `changes`: the accounts that changed, whole. At most one each 50 ms. */
export interface ChangesEvent {
  readonly accounts: readonly AccountView[]
  /** Names of accounts that are not there any more. */
  readonly gone: readonly string[]
  readonly at: number
  readonly hosts?: readonly HostView[]
}

/** Server-sent event `ping`, each 4 s, or each second with several hosts: shows that the stream and the hosts live. */
export interface PingEvent {
  readonly at: number
  readonly hosts?: readonly HostView[]
}

/** The code that is shown. A guest's or an owner's eyes only, and gone at `expiresAt`. */
export interface QrView extends Qr {
  /** When this code came on show, epoch milliseconds: the start of its ring. */
  readonly shownAt: number
}

/** One line of the trace on the statechart. */
export interface TrailView {
  readonly at: number
  readonly from: Status['state']
  readonly to: Status['state']
  /** `data-transition` on the full chart (`connection.svg`), and one of `data-transitions` on the overview. */
  readonly transition?: string
  /** `data-edge` on the overview, e.g. `online>reconnecting`. */
  readonly edge?: string
  readonly why?: string
}

/** Which actions would be taken now. */
export interface Abilities {
  readonly reconnect: boolean
  readonly pruneFailing: boolean
  readonly pruneAll: boolean
  readonly relink: boolean
  readonly restore: boolean
  readonly pairingCode: boolean
  /** Take back that a code was asked for: the old credentials are tried again. */
  readonly keepLink: boolean
  /** A one-time link for the owner of the phone. */
  readonly link: boolean
}

export interface AccountView {
  readonly account: string
  readonly mode: 'heal' | 'observe'
  readonly status: Omit<Status, 'qr'>
  readonly qr?: QrView
  /** The state in words, e.g. `Needs a scan`. */
  readonly label: string
  /**
   * The `data-state` ids that are lit, outermost first; those of the overview (`online`, `healthy`) and of the full
   * chart (`online.open.healthy`). Empty for a guest.
   */
  readonly place: readonly string[]
  /** The last changes of state, newest last, at most 8. Empty for a guest. */
  readonly trail: readonly TrailView[]
  readonly can: Abilities
  /** Since when it is not connected, through all tries; epoch milliseconds. Absent while it is, and for a guest. */
  readonly downSince?: number
  /** The host that runs it, where there are several. */
  readonly host?: string
  /** What keeps it from being well, in words that accounts in the same trouble share. Absent for a guest. */
  readonly trouble?: string
}

/**
 * `GET api/accounts/:account/traffic?from=`, where `from` is the viewer's last midnight, epoch milliseconds: what came
 * and went, as far as the dashboard has seen it.
 */
export interface TrafficView {
  /** Since when messages are counted, epoch milliseconds. */
  readonly since: number
  /** When the last message came; absent while none has. */
  readonly receivedAt?: number
  readonly sentAt?: number
  /** Messages that have reached the gateway's host and are not taken in yet; absent while there are none. */
  readonly waiting?: number
  /** Messages since `from`. */
  readonly received: number
  readonly sent: number
  /** Both together, by minute, for the last 60; newest last. */
  readonly perMinute: readonly number[]
  /** The version of WhatsApp Web that the account's socket gives, e.g. `2.3000.1027934701`. */
  readonly whatsapp?: string
  /** The release of Baileys that made the socket. */
  readonly baileys?: string
}

/** `GET api/accounts/:account/timeline?zone=`, where `zone` is the viewer's, e.g. `Europe/Berlin`. */
export interface TimelineView {
  /** When it was made, epoch milliseconds: what lasts counts on from there. */
  readonly at: number
  /** The first moment on record, epoch milliseconds; null if there is none. */
  readonly since: number | null
  /** The last 90 days of the viewer, oldest first: midnight, and the share of what is on record, or null. */
  readonly days: readonly { readonly at: number; readonly up: number | null }[]
  /** Newest last; without short drops. */
  readonly incidents: readonly IncidentView[]
  /** Drops that healed by themselves within 3 minutes and left nothing behind, newest last. */
  readonly drops: readonly DropView[]
  /** Shares from 0 to 1; null where nothing is on record. */
  readonly availability: { readonly h24: number | null; readonly d7: number | null; readonly d30: number | null }
  readonly heal: readonly HealView[]
}

export interface DropView {
  readonly at: number
  readonly ms: number
  readonly side: 'whatsapp' | 'network' | 'host' | 'unknown'
  /** Messages that arrived late. */
  readonly late: number
}

export interface IncidentView {
  readonly id: string
  readonly beganAt: number
  /** Absent while it lasts. */
  readonly endedAt?: number
  readonly outcome: 'healed' | 'stopped' | 'open'
  /** What it began with: `trouble on the side of WhatsApp`. */
  readonly cause: string
  /** For how long the account was not connected in it, until `at`. */
  readonly downMs: number
  /** What became of messages, sessions and credentials, a sentence each. */
  readonly facts: readonly string[]
  /** Those that came late, those that could not be read, and those of them that were read after all. */
  readonly messages: { readonly late: number; readonly unread: number; readonly reread: number }
  /** The mode was `observe`: what it says was set aside would have been. */
  readonly wouldHave: boolean
  readonly events: readonly { readonly at: number; readonly words: string; readonly why?: string }[]
}

/** Time to heal by cause. */
export interface HealView {
  readonly cause: string
  readonly words: string
  readonly count: number
  readonly medianMs: number
}

/** `GET api/accounts/:account/quarantine`; newest first. */
export interface QuarantineView {
  readonly entries: readonly {
    readonly id: string
    readonly at: number
    readonly reason: string
    readonly files: number
    readonly bytes: number
    /** The account's own link is among its files. */
    readonly credentials: boolean
    /** Nothing of it goes back unless what stands in its place by now is set aside. */
    readonly outlived: boolean
  }[]
}

/** `POST api/accounts/:account/actions/:action`, and what goes in its body. */
export interface ActionRequests {
  readonly reconnect: Readonly<Record<string, never>>
  readonly 'prune-failing': Readonly<Record<string, never>>
  readonly 'prune-all': Readonly<Record<string, never>>
  readonly relink: Readonly<Record<string, never>>
  readonly restore: { readonly id: string; readonly force?: boolean }
  readonly 'pairing-code': { readonly phone: string }
}
export type ActionName = keyof ActionRequests

/** What an action that was done answers. */
export interface ActionView {
  readonly ok: true
  /** `pairing-code`: the eight characters; they also come in the account's `qr`. */
  readonly pairingCode?: string
  /** `restore`: the names of the files that are back. */
  readonly restored?: readonly string[]
}

/** `POST api/accounts/:account/links` with `{ expiresMs? }`. */
export interface LinkView {
  /** Absolute; the secret stands in the fragment, which no server and no proxy sees. */
  readonly url: string
  readonly expiresAt: number
  /** Such a link leads to the gateway's own machine, where no phone can open it. */
  readonly onlyHere?: {
    /** The address of that machine in its network, on which the dashboard does not listen. */
    readonly network?: string
  }
}

/** `GET api/proof?nonce=`: what only the holder of the token can say about the nonce. */
export interface ProofView {
  readonly proof: string
}
