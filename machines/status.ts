import type { CauseKind, CloseCause } from './cause.ts'
import { causeSaid } from './cause-words.ts'
import type { CodeRefusal, Context, Instability, Qr, ShutOut, Stranger } from './context.ts'
import { byMethod as by, type Remedy } from './remedies.ts'
import { isLinkable, newLinkHelps, showsUnasked, windowsLeft } from './rest.ts'
import { unheardSaid } from './unheard.ts'
import type { BlockReason, PairReason } from './verdict.ts'
import { blockedFor, conflictProbeIn, retryIn } from './waits.ts'

/** The states that an owner sees. */
export const stateNames = [
  'stopped',
  'preparing',
  'connecting',
  'healthy',
  'degraded',
  'pruningSessions',
  'reconnecting',
  'awaitingQr',
  'conflicted',
  'blocked',
] as const
/** A state that an owner sees. */
export type StateName = (typeof stateNames)[number]

/** What only a person can do; `none` while the machine needs nobody. */
export const userActions = [
  'none',
  'scan-code',
  'check-other-client',
  'update-client',
  'wait',
  'ask-whatsapp',
  'check-disk',
] as const
/** What only a person can do; `none` while nobody is needed. */
export type UserAction = (typeof userActions)[number]

/** How an account fares, in words and for programs. */
export interface Status {
  /** The name of the account. */
  readonly account: string
  /** The state of the statechart, without what lies inside it. */
  readonly state: StateName
  /** When this state was entered, epoch milliseconds. */
  readonly since: number
  /** What is the matter, in plain words. */
  readonly message: string
  /** What to do about it, if anything. */
  readonly remediation?: string
  /** The actions that the remediation names, for a surface that has a button or a command for each. */
  readonly remedies?: readonly Remedy[]
  /** What a person has to do; `none` and `wait` want nobody. */
  readonly userAction: UserAction
  /** Retries since the last stable health. */
  readonly attempt: number
  /** When the next try comes, epoch milliseconds, where one is planned. */
  readonly nextAttemptAt?: number
  /**
   * The connection comes and goes: since when that is known, how often it ended within an hour, and what most of these
   * closes were.
   */
  readonly unstable?: Instability
  /** How and when (epoch milliseconds) the last connection ended. */
  readonly lastClose?: { readonly at: number; readonly cause: CloseCause }
  /** When a message last reached this host, epoch milliseconds; undefined before the first of this process. */
  readonly lastInboundAt?: number
  /** When WhatsApp last acknowledged a message of ours. */
  readonly lastOutboundAt?: number
  /** Messages that have reached this host and are not taken in yet; undefined while there are none. */
  readonly messagesWaiting?: number
  /** The code to scan, only while it is valid. */
  readonly qr?: Qr
  /** The linked account. */
  readonly self?: { readonly id: string; readonly name?: string }
  /** Number of the newest socket. */
  readonly generation: number
}

interface Words {
  readonly message: string
  readonly remediation?: string
  readonly remedies?: readonly Remedy[]
  readonly userAction: UserAction
}

const checkDisk = 'Check the free space, the permissions and the health of the disk.'

const blockWords: Readonly<Record<BlockReason, Words>> = {
  'temporary-ban': {
    message: 'WhatsApp banned this account for a time.',
    remediation: 'Wait until the ban is over. Do not pair again: that does not end the ban, and may make it longer.',
    userAction: 'wait',
  },
  locked: {
    message: 'WhatsApp locked this account.',
    remediation: `Open WhatsApp on the phone and follow what it says, then ${by.reconnect}.`,
    remedies: ['reconnect'],
    userAction: 'ask-whatsapp',
  },
  banned: {
    message: 'WhatsApp banned this account.',
    remediation: `Ask WhatsApp for a review in the app on the phone, then ${by.reconnect}.`,
    remedies: ['reconnect'],
    userAction: 'ask-whatsapp',
  },
  outdated: {
    message: 'WhatsApp no longer accepts this client version.',
    remediation:
      'Update @whiskeysockets/baileys, or pass a current `version` to makeWASocket; lifeline run takes --wa-version latest. The credentials stay valid.',
    userAction: 'update-client',
  },
  configuration: {
    message: 'WhatsApp refuses this client as it is configured.',
    remediation: 'Check the options of makeWASocket (browser, version) and update @whiskeysockets/baileys.',
    userAction: 'update-client',
  },
  disk: {
    message: 'The credentials cannot be read or written.',
    remediation: `${checkDisk} Once it works, the account reconnects by itself.`,
    userAction: 'check-disk',
  },
  store: {
    message: 'The stored credentials cannot be used.',
    remediation: 'Mend what this names. The account is tried again by itself.',
    userAction: 'check-disk',
  },
  'folder-gone': {
    message: 'The credentials are no longer in their place.',
    remediation:
      'They were deleted or moved, or their disk is not mounted. Put them back: the account then reconnects by itself. Or restart the program and link again.',
    userAction: 'check-disk',
  },
  'not-owner': {
    message: 'Another process uses these credentials.',
    remediation: 'Stop the other process. This one then continues by itself.',
    userAction: 'check-other-client',
  },
}

function blockedWords({ block }: Context): Words {
  if (block?.unseen) return unseenOwner
  const words = blockWords[block?.reason ?? 'configuration']
  if (block?.reason === 'outdated') return { ...words, message: outdatedSaid(block.detail) ?? words.message }
  if (block?.reason !== 'store') return words
  return {
    ...words,
    ...(block.detail === undefined ? {} : { message: `The stored credentials cannot be used: ${ended(block.detail)}` }),
    ...(block.remediation === undefined ? {} : { remediation: block.remediation }),
  }
}

/** With the version in use and the newest that is known, as far as the detail of the close has them. */
function outdatedSaid(detail = ''): string | undefined {
  const [, used, newest] = /^(\d+(?:\.\d+){2})(?:, newest known (\d+(?:\.\d+){2}))?$/.exec(detail) ?? []
  if (used === undefined) return undefined
  const said = `WhatsApp no longer accepts this client version, ${used}.`
  if (newest === undefined) return said
  return `${said} ${newest === used ? 'No newer one is known here.' : `The newest that is known here is ${newest}.`}`
}

/** The owner runs where nobody here can look: in a container that was killed, most often. */
const unseenOwner: Words = {
  message: 'Another process has locked these credentials. Whether it still runs cannot be seen from here.',
  remediation: 'Wait: supervision starts by itself when the lock expires. If the other process still runs, stop it.',
  userAction: 'wait',
}

const pairWords: Readonly<Record<PairReason, string>> = {
  'never-linked': 'This account is not linked yet.',
  'logged-out': 'The phone or WhatsApp unlinked this device.',
  refused: 'WhatsApp no longer accepts these credentials.',
  'restart-loop': 'WhatsApp asks for a restart again and again, and does not accept these credentials.',
  'creds-lost': 'The stored credentials cannot be read, and no good earlier copy exists.',
  asked: 'A new code was asked for.',
}

/** Words for the closes after which the machine dials again by itself. */
const closeWords: Partial<Readonly<Record<CauseKind, Pick<Words, 'message' | 'remediation'>>>> = {
  network: { message: 'WhatsApp cannot be reached over the network.' },
  portal: {
    message: 'A proxy or sign-in page stands between this host and WhatsApp.',
    remediation: 'If this goes on, sign in to the network, or allow web.whatsapp.com in the proxy.',
  },
  clock: {
    message: "The server's certificate is not valid at the time that this host's clock shows.",
    remediation: 'Set the clock of this host. It may have lost the time in a power cut.',
  },
  server: { message: 'WhatsApp has a problem on its side.' },
  protocol: { message: 'The connection broke with a protocol error. Session files are not the reason.' },
  'restart-required': { message: 'WhatsApp asked for a restart of the connection.' },
  replaced: {
    message: 'Another client connected with the same credentials.',
    remediation: 'If this program runs twice, stop one of them.',
  },
  'logged-out': {
    message: 'WhatsApp said that this device is unlinked. One more login shows whether that is so.',
  },
  refused: { message: 'WhatsApp refused the connection once. One more login shows whether it means it.' },
  'connect-failed': {
    message: 'The connect function failed.',
    remediation: 'Mend that function. It will be called again.',
  },
  'connect-timeout': { message: 'The connection did not open in time.' },
  stuck: {
    message: 'A message came in and could not be taken in to its end, so none after it was.',
    remediation: 'If this happens again, look at the store of the credentials: it may not answer.',
  },
  'store-silent': {
    message: 'The store of the credentials did not answer, so messages could not be read or kept.',
    remediation: 'Look at the disk or the database that keeps the credentials. Messages are read once it answers.',
  },
  quiet: { message: 'No message came or went for longer than this account is expected to be quiet.' },
  unanswered: {
    message: 'The account wrote to its own chat twice, and nothing came back, while pings were answered.',
  },
  deaf: { message: 'Nothing arrived any more, and the ping was not answered.' },
  slept: { message: 'The host slept, so the old link is dead.' },
  asked: { message: 'A reconnect was asked for.' },
}

/** The words for a close; an error of the owner's own is told as it stands. */
function wordsOfClose({ kind, message }: CloseCause): Pick<Words, 'message' | 'remediation'> | undefined {
  const words = closeWords[kind]
  if (kind === 'connect-failed' && message !== '')
    return { ...words, message: `The connect function failed: ${ended(message)}` }
  if (kind === 'unknown') return { message: `The connection ended: ${ended(message)}` }
  return words
}

/** With a full stop, if it has none. */
const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

const lastOf = (context: Context) => context.closes.at(-1)

function reconnectingWords(context: Context): Words {
  const last = lastOf(context)
  const { verifying } = context
  // No close belongs to a prune that the unread messages alone led to; the last one on record may be days old.
  if (verifying && (last === undefined || last.at <= verifying.at))
    return { message: 'Sessions were set aside. Connecting again with the same credentials.', userAction: 'none' }
  const words = (last && wordsOfClose(last.cause)) ?? { message: 'The connection was lost.' }
  const slow =
    context.delay?.cadence === 'slow' ? ' Many attempts failed. Now there is one every few minutes, without end.' : ''
  return { ...words, message: words.message + slow, userAction: 'none' }
}

const relinkAdvice = (helps: boolean): string =>
  helps ? ` If this does not help, link again with ${by['show-code']}.` : ''

/** Messages that we cannot read. Undefined where it is the others alone who cannot. */
function unreadWords(context: Context): Words | undefined {
  const { evidence, exhausted, mode, withheld, outbound } = context
  const linkingHelps = newLinkHelps(context)
  if (evidence.level === 'fine' && outbound.level !== 'fine') return undefined
  const what = `${plural(evidence.messages, 'message', 'messages')} from ${plural(evidence.addresses.length, 'device', 'devices')} cannot be read.`
  if (exhausted === undefined)
    return {
      message: what,
      remediation: `Nothing to do yet: ${mode === 'heal' ? 'this is being healed' : 'Baileys asks for the messages again by itself'}.`,
      userAction: 'none',
    }
  const remediation =
    withheld !== undefined
      ? `${by.heal} to let the sessions be set aside.`
      : `Ask the senders to send their messages again.${relinkAdvice(linkingHelps)}`
  const remedies: readonly Remedy[] = withheld !== undefined ? ['heal'] : linkingHelps ? ['show-code'] : []
  return { message: `${what} ${sentence(exhausted)}`, remediation, remedies, userAction: 'wait' }
}

/** Messages of ours that others cannot read. Undefined while there are none. */
function unheardWords({ outbound, told, mode, pair }: Context): Words | undefined {
  if (outbound.level === 'fine') return undefined
  const what = sentence(unheardSaid(outbound))
  const isTold = outbound.addresses.some((address) => Object.hasOwn(told, address))
  if (!isTold)
    return {
      message: what,
      remediation: `Nothing to do yet: ${mode === 'heal' ? 'this is being healed' : 'Baileys sends again by itself what it still has'}.`,
      userAction: 'none',
    }
  if (mode === 'observe')
    return {
      message: what,
      remediation: `${by.heal} to let new sessions be made for them.`,
      remedies: ['heal'],
      userAction: 'wait',
    }
  return {
    message: `${what} New sessions did not help.`,
    remediation: `Ask them to write to this account: that starts a new session.${relinkAdvice(isLinkable(pair))}`,
    remedies: isLinkable(pair) ? ['show-code'] : [],
    userAction: 'wait',
  }
}

/** What is the matter in each direction, and what a person can do about it; the same advice is given once. */
function degradedWords(context: Context): Words {
  const halves = [unreadWords(context), unheardWords(context)].filter((half) => half !== undefined)
  const asking = halves.filter(({ userAction }) => userAction !== 'none')
  const advice = new Set((asking.length > 0 ? asking : halves).map(({ remediation }) => remediation))
  return {
    message: halves.map(({ message }) => message).join(' '),
    remediation: [...advice].join(' '),
    remedies: [...new Set(asking.flatMap(({ remedies = [] }) => remedies))],
    userAction: asking[0]?.userAction ?? 'none',
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** The code that is shown, unless its time is over. */
const visibleQr = ({ pair, env }: Context): Qr | undefined =>
  pair.qr !== undefined && pair.qr.expiresAt > env.now() ? pair.qr : undefined

/** Closes that keep a code from coming, so that a person would wait for it in vain. */
const hindering: ReadonlySet<CauseKind> = new Set([
  'network',
  'portal',
  'clock',
  'server',
  'connect-failed',
  'connect-timeout',
])

function hindrance(context: Context): string {
  const last = lastOf(context)
  const words = last && last.at >= context.since && hindering.has(last.cause.kind) && wordsOfClose(last.cause)
  return words ? ` ${words.message} It will be tried again.` : ''
}

const strangerWords: Readonly<Record<Stranger['link'], string>> = {
  unlinking: 'That link is being undone.',
  unlinked: 'That link was undone.',
  left: 'That link is not used, but it could not be undone. Remove it on that phone, under Linked devices.',
}

/** What a person can do about a device that was scanned and not let in. */
const shutOutWords: Readonly<Record<ShutOut['how'], Pick<Words, 'remediation' | 'userAction'>>> = {
  unfinished: {
    remediation:
      'Read what the phone says. If it wants a passkey for linked devices, this version of Baileys cannot go through that step, and another code ends the same way: update Baileys once it can.',
    userAction: 'update-client',
  },
  refused: {
    remediation:
      'Read what the phone says. Remove devices that are no longer used, under Linked devices: there is room for four. Then scan the next code.',
    userAction: 'scan-code',
  },
  unanswered: {
    remediation:
      'Wait: the login is tried again by itself. If this goes on, look on the phone, under Linked devices, whether the new device is there.',
    userAction: 'wait',
  },
}

const shutOutSaid = ({ scans, how }: ShutOut): string => {
  const scanned = scans === 1 ? 'The code was scanned' : `The code was scanned ${scans} times`
  return how === 'unanswered'
    ? `${scanned}; WhatsApp does not answer the new device.`
    : `${scanned}; WhatsApp did not let the new device in.`
}

/** Why no pairing code came, and what to do about it. */
function refusalWords({ code, waitMs }: CodeRefusal): { readonly message: string; readonly remediation: string } {
  const message = `WhatsApp refused to give a pairing code${code === undefined ? '' : ` (${code})`}.`
  if (code === 429) {
    const wait = waitMs === undefined ? 'an hour' : plural(Math.ceil(waitMs / 60_000), 'minute', 'minutes')
    return { message, remediation: `Wait ${wait} before you ask for another one: it was asked too often.` }
  }
  if (code === 400)
    return {
      message,
      remediation:
        "Check the number, with its country code, and `browser` in the options of makeWASocket: take one of Baileys' own Browsers, such as Browsers.macOS('Chrome').",
    }
  return { message, remediation: 'Check the number, with its country code, and ask again later.' }
}

function awaitingWords(context: Context): Words {
  const said = pairingWords(context)
  const { refusal } = context.pair
  if (refusal === undefined) return said
  const { message, remediation } = refusalWords(refusal)
  const scan = visibleQr(context) ? ` Or scan the code. ${said.remediation ?? ''}` : ''
  return { ...said, message: `${said.message} ${message}`, remediation: `${remediation}${scan}` }
}

function pairingWords(context: Context): Words {
  const { pair } = context
  const { stranger, shutOut } = pair
  const isWalled = stranger === undefined && shutOut !== undefined
  const message =
    stranger === undefined
      ? isWalled
        ? shutOutSaid(shutOut)
        : pairWords[pair.reason]
      : `Another number (ending in ${stranger.ending}) scanned the code, not the expected one. ${strangerWords[stranger.link]}`
  if (stranger?.link === 'unlinking') return { message, userAction: 'none' }
  // Where the next code ends the same way, or none is needed, no other is spoken of.
  if (isWalled && (shutOut.how === 'unfinished' || (shutOut.how === 'unanswered' && pair.resume)))
    return { message, ...shutOutWords[shutOut.how] }
  if (pair.resume) return { message: 'The code was scanned. The new pairing is being completed.', userAction: 'none' }
  const shown = visibleQr(context)
  const advice = isWalled && shutOut.how === 'refused' ? `${shutOutWords.refused.remediation} ` : ''
  if (shown) {
    const where = `On the ${stranger ? 'phone with the expected number' : 'phone'}: WhatsApp, Linked devices, Link a device`
    const how =
      shown.pairingCode === undefined
        ? `${where}, and scan the code.`
        : `${where}, Link with phone number instead, and type the pairing code there.`
    return { message, remediation: `${advice}${how}`, userAction: 'scan-code' }
  }
  const comes = windowsLeft(context) && showsUnasked(context)
  return {
    message: `${message}${stranger ? '' : ' No code is shown at the moment.'}${comes ? hindrance(context) : ''}`,
    remediation: comes
      ? `${advice}Wait for the next code: it comes by itself. Or ask for one with ${by['show-code']} or ${by['pairing-code']}.`
      : `${advice}No code comes by itself. Ask for one with ${by['show-code']} or ${by['pairing-code']}.`,
    // While the next one comes by itself, nothing has to be asked for.
    remedies: comes ? [] : ['show-code', 'pairing-code'],
    userAction: 'scan-code',
  }
}

const rows: Readonly<Record<StateName, (context: Context) => Words>> = {
  stopped: () => ({
    message: 'Supervision is stopped.',
    remediation: `${by.start}.`,
    remedies: ['start'],
    userAction: 'none',
  }),
  preparing: () => ({ message: 'The stored credentials are being checked.', userAction: 'none' }),
  connecting: () => ({ message: 'Connecting to WhatsApp.', userAction: 'none' }),
  healthy: () => ({ message: 'Connected.', userAction: 'none' }),
  degraded: degradedWords,
  pruningSessions: (context) => ({
    message: `Session files are being set aside: ${context.prune?.why ?? 'they are damaged'}. The credentials stay.`,
    userAction: 'none',
  }),
  reconnecting: reconnectingWords,
  awaitingQr: awaitingWords,
  conflicted: () => ({
    message: 'Another client keeps connecting with the same credentials.',
    remediation: `Stop the other program that uses this account folder or a copy of it, then ${by.reconnect}.`,
    remedies: ['reconnect'],
    userAction: 'check-other-client',
  }),
  blocked: blockedWords,
}

/** Observing is said wherever something is said; and what would have been done, where there is something. */
function observing({ mode, withheld }: Context, state: StateName, message: string): string {
  if (mode === 'heal' || state === 'stopped' || /observing only/i.test(message)) return ''
  if (withheld === undefined) return ' Observing only: nothing is healed.'
  const sessions = withheld.scope === 'all' ? 'all sessions' : plural(withheld.addresses.length, 'session', 'sessions')
  return ` Observing only: ${sessions} would have been set aside.`
}

/** `The connection is unstable: 12 closes within an hour, mostly: the link went silent.` */
export const unstableSaid = (
  { closes, kind }: Pick<Instability, 'closes' | 'kind'>,
  during = 'within an hour',
): string => `The connection is unstable: ${plural(closes, 'close', 'closes')} ${during}, mostly: ${causeSaid[kind]}.`

/** States that a connection that comes and goes passes through. */
const coming: ReadonlySet<StateName> = new Set(['preparing', 'connecting', 'healthy', 'degraded', 'reconnecting'])

const instability = ({ unstable }: Context, state: StateName): string =>
  unstable !== undefined && coming.has(state) ? ` ${unstableSaid(unstable)}` : ''

const nextAttempt = (state: StateName, context: Context): number | undefined => {
  const leftMs = nextAttemptIn(state, context)
  // One whose time has come waits for a socket that is being shut: it follows at once, and never lies in the past.
  return leftMs === undefined ? undefined : context.env.now() + leftMs
}

function nextAttemptIn(state: StateName, context: Context): number | undefined {
  if (state === 'reconnecting') return retryIn(context)
  if (state === 'conflicted') return conflictProbeIn(context)
  return state === 'blocked' ? blockedFor(context) : undefined
}

/** What the owner is shown: state, reason, cure. Pure, and total over states. */
export function statusOf(state: StateName, context: Context): Status {
  const { remedies = [], ...said } = rows[state](context)
  const words = {
    ...said,
    message: said.message + instability(context, state) + observing(context, state, said.message),
  }
  const overlay: Partial<Words> =
    context.disk === undefined || state === 'blocked'
      ? {}
      : {
          message: `${words.message} But writing to the disk fails: ${context.disk}`,
          remediation: [words.remediation, `${checkDisk} Once it works, what waits is saved by itself.`]
            .filter(Boolean)
            .join(' '),
          // What the state itself needs a person for comes first; both cures are named.
          userAction: words.userAction === 'none' || words.userAction === 'wait' ? 'check-disk' : words.userAction,
        }
  const at = nextAttempt(state, context)
  const last = lastOf(context)
  const qr = visibleQr(context)
  return {
    account: context.account,
    state,
    since: context.since,
    ...words,
    ...overlay,
    ...(remedies.length === 0 ? {} : { remedies }),
    attempt: context.attempt,
    ...(at === undefined ? {} : { nextAttemptAt: at }),
    ...(context.unstable === undefined ? {} : { unstable: context.unstable }),
    ...(last === undefined ? {} : { lastClose: last }),
    ...(qr === undefined ? {} : { qr }),
    ...(context.self === undefined ? {} : { self: context.self }),
    generation: context.generation,
  }
}

const isStateName = (name: string): name is StateName => (stateNames as readonly string[]).includes(name)

/** The owner's state for a state value of the machine: the deepest name that the owner knows. */
export function stateNameOf(value: unknown): StateName {
  let found: StateName = 'stopped'
  let rest = value
  while (rest !== undefined) {
    const name: string | undefined = typeof rest === 'string' ? rest : Object.keys(rest as object)[0]
    if (name === undefined) break
    if (isStateName(name)) found = name
    rest = typeof rest === 'string' ? undefined : (rest as Record<string, unknown>)[name]
  }
  return found
}
