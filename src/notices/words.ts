import {
  type CauseKind,
  causeKinds,
  type NoticeKind,
  type Status,
  unheardSaid,
  unstableSaid,
} from '../../machines/index.ts'
import { span } from '../languages/span.ts'

type Details = Readonly<Record<string, unknown>>
interface Words {
  readonly message: string
  readonly remediation?: string
}

const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0)
const plural = (amount: number, one: string, many: string): string => `${amount} ${amount === 1 ? one : many}`

const fromStatus = ({ message, remediation }: Status): Words => ({
  message,
  ...(remediation === undefined ? {} : { remediation }),
})

function sessionsPruned({ scope, addresses, quarantine, why }: Details): Words {
  const sessions = plural(count(addresses), 'session file was', 'session files were')
  const what = scope === 'all' ? 'All sessions: ' : ''
  const where = typeof quarantine === 'string' ? ` They lie in the quarantine as ${quarantine}.` : ''
  return { message: `${what}${sessions} set aside${reasonOf(scope, why)}. The credentials stay.${where}` }
}

/** Each cause in its own words: not every prune is for messages that cannot be read. */
function reasonOf(scope: unknown, why: unknown): string {
  if (scope === 'unloadable') return ': nothing can load them'
  if (why === 'asked to') return ', as a person asked'
  return typeof why === 'string' && why !== '' ? `: ${why}` : ''
}

/** What cannot be healed, in each direction. */
function exhausted(details: Details): Words {
  const halves = [
    ...(details.why === undefined && details.would === undefined ? [] : [unread(details)]),
    ...(isUnheard(details.unheard) ? [unheard(details.unheard, details.observing === true)] : []),
  ]
  return {
    message: `${halves.map(({ message }) => message).join(' ')} The connection stays up.`,
    remediation: withoutLinking([...new Set(halves.map(({ remediation }) => remediation))].join(' '), details),
  }
}

const linkAgain = ' If this does not help, link again with relink().'

/** Where a new link cannot be had, or would not help, nobody is told to ask for one. */
const withoutLinking = (advice: string, { linkingHelps }: Details): string =>
  linkingHelps === false ? advice.replaceAll(linkAgain, '') : advice

type Unheard = Parameters<typeof unheardSaid>[0]

const isUnheard = (value: unknown): value is Unheard => typeof value === 'object' && value !== null

function unheard(who: Unheard, observing: boolean): Words {
  const said = unheardSaid(who)
  const what = `${said.charAt(0).toUpperCase()}${said.slice(1)}`
  if (observing)
    return {
      message: `${what}. Observing only: no new session was made for them.`,
      remediation: "Switch to mode 'heal' to let it be done.",
    }
  return {
    message: `${what}, and new sessions did not help.`,
    remediation: `Ask them to write to this account: that starts a new session.${linkAgain}`,
  }
}

function unread({ messages, addresses, tried, why, would }: Details): Words {
  const what = `${plural(Number(messages ?? 0), 'message', 'messages')} from ${plural(count(addresses), 'device', 'devices')} cannot be read`
  if (typeof would === 'string')
    return {
      message: `${what}. Observing only: ${would} would have been set aside.`,
      remediation: "Switch to mode 'heal' to let it be done.",
    }
  const { live, failing, all } = (tried ?? {}) as { live?: boolean; failing?: boolean; all?: boolean }
  const steps = [
    ...(live ? ['new sessions while connected'] : []),
    ...(failing ? ['setting the failing sessions aside'] : []),
    ...(all ? ['setting all sessions aside'] : []),
  ]
  const triedWords = steps.length > 0 ? ` Tried: ${steps.join(', ')}.` : ''
  return {
    message: `${what}, and ${String(why)}.${triedWords}`,
    remediation: `Ask the senders to send their messages again.${linkAgain}`,
  }
}

/** What helps where it is the link that does not last; elsewhere there is nothing that a person has to do. */
const linkAdvice = 'It reconnects by itself. If this goes on, look at the network of this host: the line, the proxy.'
const unstableAdvice: Partial<Readonly<Record<CauseKind, string>>> = {
  network: linkAdvice,
  portal: linkAdvice,
  'link-lost': linkAdvice,
  'timed-out': linkAdvice,
  closed: linkAdvice,
  quiet: linkAdvice,
  deaf: linkAdvice,
  clock: 'Set the clock of this host.',
  slept: 'Keep this host awake, and its clock from being set again and again.',
  replaced: 'If this program runs twice, stop one of them.',
}

function unstable({ closes, cause, over }: Details): Words {
  if (over === true)
    return {
      message: `The connection is stable again: ${plural(Number(closes ?? 0), 'close', 'closes')} in the last hour.`,
    }
  const kind = causeKinds.find((one) => one === cause) ?? 'unknown'
  return {
    message: unstableSaid({ closes: Number(closes ?? 0), kind }, 'in the last hour'),
    remediation: unstableAdvice[kind] ?? 'It reconnects by itself, after a longer pause each time.',
  }
}

const rows: Readonly<Record<NoticeKind, (details: Details, status: Status) => Words>> = {
  outage: ({ downMs }, status) => {
    const words = fromStatus(status)
    return { ...words, message: `Not connected for ${span(Number(downMs ?? 0))}. ${words.message}` }
  },
  recovered: ({ downMs }) => ({ message: `Connected again after ${span(Number(downMs ?? 0))}.` }),
  'sessions-pruned': sessionsPruned,
  'credentials-restored': ({ savedAt }) => ({
    message: `The stored credentials could not be read; the good copy of ${new Date(Number(savedAt)).toISOString()} was put back. The damaged file is kept.`,
  }),
  'relink-needed': (_details, status) => fromStatus(status),
  relinked: ({ self, first }) => {
    const whom = typeof self === 'string' ? ` as ${self}` : ''
    const old = '; the old credentials, if any, lie in the quarantine'
    return { message: first === true ? `Linked${whom}.` : `Linked again${whom}${old}.` }
  },
  conflict: (_details, status) => fromStatus(status),
  blocked: (_details, status) => fromStatus(status),
  'pruning-exhausted': exhausted,
  unstable,
  unanswered: ({ over }) =>
    over === true
      ? { message: 'Messages arrive again.' }
      : {
          message:
            'Nothing comes back for what the account writes to its own chat, on a new connection either, and nothing else arrives.',
          remediation:
            'Look whether the phone is on and online: one that is off gives no answer, and then this means nothing. Otherwise restart this program.',
        },
}

/** What a notice says. */
export function noticeWords(kind: NoticeKind, details: Details, status: Status): Words {
  const words = rows[kind](details, status)
  if (details.observing !== true || /observing only/i.test(words.message)) return words
  return { ...words, message: `${words.message} Observing only.` }
}
