import { watchDeliveries, watchRefusals } from '../../baileys/deliveries.ts'
import { parseJid } from '../../baileys/signal-address.ts'
import type { BaileysSocket } from '../../baileys/socket.ts'

/**
 * How it stands with what the account writes to itself, over all its sockets: `answered`, as far as is known;
 * `dropped`, a link was given up because nothing came back; `told`, nothing came back on the next one either.
 */
export type Answering = 'answered' | 'dropped' | 'told'

interface RoundTripParts {
  readonly socket: BaileysSocket
  /** The account's own jid, its device in it. */
  readonly self: () => string | undefined
  /** Nothing was delivered for this long: something is written. */
  readonly everyMs: number
  readonly timeoutMs: number
  /** Nothing came back, twice. */
  readonly unanswered: () => void
  /** Something was delivered. */
  readonly delivered: () => void
  /** It could not be asked. */
  readonly report: (error: unknown, doing: string) => void
}

/** What the owner finds in the account's own chat. */
const line = 'baileys-lifeline: connection check'
/** So often nothing comes back until that counts. */
const mostUnanswered = 2
const doing = "writing to the account's own chat"

/**
 * An open link over which the server answers pings and delivers nothing is found only by what has to be delivered. So
 * while nothing is, the account writes to its own chat: its phone confirms what it gets. Anything that is delivered is
 * an answer. It is relayed and not sent, so that no gateway sees a message of its own that it did not write. Returns
 * the function that ends it.
 */
export function watchRoundTrips(parts: RoundTripParts): () => void {
  const { socket, everyMs, timeoutMs } = parts
  let ended = false
  let unanswered = 0
  /** The line whose answer is waited for. */
  let asked: string | undefined
  let turn = 0
  let timer: NodeJS.Timeout | undefined
  const wait = (step: () => void, delayMs: number) => {
    clearTimeout(timer)
    if (!ended) timer = setTimeout(step, delayMs)
  }
  const rest = () => {
    turn += 1
    asked = undefined
    unanswered = 0
    wait(ask, everyMs)
  }
  const failed = (error: unknown) => {
    if (ended) return
    // It says nothing of what is delivered; a dead link is found by the ping.
    parts.report(error, doing)
    rest()
  }
  const ask = () => {
    turn += 1
    const mine = turn
    wait(late, timeoutMs)
    write(socket, parts.self()).then(
      (id) => {
        if (mine === turn) asked = id
      },
      (error: unknown) => {
        if (mine === turn) failed(error)
      },
    )
  }
  const late = () => {
    if (asked === undefined) return failed(new Error('it was not written in time'))
    asked = undefined
    unanswered += 1
    if (unanswered < mostUnanswered) return ask()
    rest()
    parts.unanswered()
  }
  const offs = [
    watchDeliveries(socket, () => {
      rest()
      parts.delivered()
    }),
    watchRefusals(socket, (id, code) => {
      if (id === asked) failed(new Error(`the server did not take it (${code})`))
    }),
  ]
  rest()
  return () => {
    ended = true
    clearTimeout(timer)
    for (const off of offs) off()
  }
}

/** Resolves with the id of what was written. */
async function write(socket: BaileysSocket, self: string | undefined): Promise<string> {
  const own = self === undefined ? undefined : parseJid(self)
  if (!own) throw new Error('the socket does not know its own number yet')
  if (!socket.relayMessage) throw new Error('this socket has no relayMessage')
  const message = { conversation: line }
  return socket.relayMessage(`${own.user}@${own.server}`, message as never, {} as never)
}
