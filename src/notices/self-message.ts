import type { NoticeKind } from '../../machines/index.ts'
import { type BaileysSocket, isBaileysSocket } from '../baileys/socket.ts'
import { knownOptions, wrongOption } from '../errors/wrong-option.ts'
import { kindsOption } from './kinds-option.ts'
import type { Notice } from './notice.ts'
import type { ChannelLine, NoticeChannel } from './notifier.ts'
import { Outbox } from './outbox.ts'

/** Options of `selfMessage`. */
export interface SelfMessageOptions {
  /** Only these kinds of notices. Default all. */
  readonly kinds?: readonly NoticeKind[]
  /** The text for the notices that have gathered, oldest first. Default: a line for each, with its time. */
  readonly format?: (notices: readonly Notice[]) => string
}

interface Sender extends BaileysSocket {
  sendMessage(jid: string, content: { readonly text: string }): Promise<unknown>
}

/** What gathered during an outage goes into one message, up to so many notices. */
const mostInOne = 20
/** Baileys itself waits for a minute at most for the server's answer. */
const sendDeadlineMs = 60_000

/**
 * A WhatsApp message to the account's own chat, once the account is healthy again: what happened while it could not be
 * reached, in one message. What cannot be sent yet is kept as `webhook()` keeps it. A bot sees it in `messages.upsert`
 * with `key.fromMe`, as all that the account sends.
 */
export function selfMessage(options: SelfMessageOptions = {}): NoticeChannel {
  knownOptions('selfMessage', options, ['kinds', 'format'])
  const { format = textOf } = options
  const kinds = kindsOption('selfMessage', options.kinds)
  if (typeof format !== 'function') throw wrongOption('selfMessage.format', format, 'a function')
  return {
    name: 'self-message',
    open({ keep, line, report }) {
      const outbox = new Outbox({
        keep,
        report,
        doing: "writing to the account's own chat",
        batch: mostInOne,
        ready: (signal) => healthy(line, signal),
        deliver: async (notices) => {
          await send(line, format(notices))
          return { kind: 'delivered' }
        },
      })
      return {
        tell: (notice) => {
          if (kinds.has(notice.kind)) outbox.tell(notice)
        },
        close: () => outbox.close(),
      }
    },
  }
}

/** Resolves as soon as the account is healthy. */
function healthy(line: ChannelLine, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const isHealthy = () => line.status.state === 'healthy' && line.socket !== undefined
    const settle = (end: () => void) => {
      off()
      signal.removeEventListener('abort', aborted)
      end()
    }
    const aborted = () => settle(() => reject(signal.reason))
    const off = line.on('status', () => {
      if (isHealthy()) settle(resolve)
    })
    signal.addEventListener('abort', aborted, { once: true })
    if (signal.aborted) aborted()
    else if (isHealthy()) settle(resolve)
  })
}

async function send({ socket }: ChannelLine, text: string): Promise<void> {
  if (!isSender(socket)) throw new Error('the socket is gone, or cannot send messages')
  const [user, server] = (socket.user?.id ?? '').split('@')
  const number = user?.split(':')[0]
  if (!number || !server) throw new Error('the socket does not know its own number yet')
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the message was not sent in time')), sendDeadlineMs).unref()
  })
  await Promise.race([socket.sendMessage(`${number}@${server}`, { text }), late]).finally(() => clearTimeout(timer))
}

const isSender = (socket: BaileysSocket | undefined): socket is Sender =>
  isBaileysSocket(socket) && 'sendMessage' in socket && typeof socket.sendMessage === 'function'

/** The host's own time, as its owner reads it. */
function textOf(notices: readonly Notice[]): string {
  const lines = notices.map(({ at, message, remediation }) => {
    const time = new Date(at).toLocaleString('sv-SE').slice(0, 16)
    return `${time} ${message}${remediation === undefined ? '' : ` ${remediation}`}`
  })
  return [`[${notices[0]?.account}]`, ...lines].join('\n')
}
