import { read } from '../errors/error-chain.ts'
import type { BaileysSocket } from './socket.ts'

/** Why the server gave no pairing code. */
export interface CodeRefusal {
  /** 400, 429 … */
  readonly code?: number
  /** How long the server said to wait, milliseconds. */
  readonly waitMs?: number
}

export interface LinkingNews {
  /** The server refused the pairing code that was asked for. */
  readonly onRefused: (refusal: CodeRefusal) => void
  /** A phone scanned the code, and the server asks for one more step in place of letting the device in. */
  readonly onScanned: () => void
}

export interface LinkingWatch {
  /** The server has answered the request for a pairing code, either way; or it is late, and nobody waits longer. */
  codeAnswered(): Promise<void>
  /** Listens no more. */
  stop(): void
}

/** Baileys hands a code out before the server has heard of it; a person can wait so long for one that is good. */
const answerMs = 3_000

type Listener = (stanza: unknown) => void

/**
 * Listens to what the server says of a linking and Baileys does not hear. A refused pairing code is an error to an
 * `<iq>` that Baileys sent without waiting for its answer. `companion_reg_refresh` comes after a scan where the account
 * wants a passkey, and no `pair-success` follows (Baileys issues 2684 and 2737).
 */
export function watchLinking(socket: BaileysSocket, { onRefused, onScanned }: LinkingNews): LinkingWatch {
  const { ws } = socket
  let answered: () => void = () => undefined
  const answer = new Promise<void>((resolve) => {
    answered = resolve
  })
  const refused: Listener = (stanza) => {
    const error = childOf(stanza, 'error')
    // To what Baileys asks itself, such as its keep-alive, it waits for the answer.
    if (error === undefined || isAwaited(ws, attribute(stanza, 'id'))) return
    onRefused(refusalIn(error))
    answered()
  }
  const refreshed: Listener = (stanza) => {
    // The other child only asks for the codes to be made anew; nobody need have scanned.
    if (childOf(stanza, 'pair-device-rotate-qr') === undefined) onScanned()
  }
  const listeners: readonly (readonly [event: string, listener: Listener])[] = [
    [givenEvent, answered],
    [refusedEvent, refused],
    [refreshedEvent, refreshed],
  ]
  for (const [event, listener] of listeners) ws.on(event, listener)
  return {
    stop: () => {
      for (const [event, listener] of listeners) ws.off(event, listener)
    },
    async codeAnswered() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, answerMs).unref()
      })
      await Promise.race([answer, late])
      clearTimeout(timer)
    },
  }
}

/** Baileys tells each stanza under its tag and each of its attributes. */
const givenEvent = 'CB:iq,,link_code_companion_reg'
const refusedEvent = 'CB:iq,type:error'
const refreshedEvent = 'CB:notification,type:companion_reg_refresh'

function isAwaited(ws: BaileysSocket['ws'], id: unknown): boolean {
  const count = read(ws, 'listenerCount')
  return typeof count === 'function' && Number(count.call(ws, `TAG:${id}`)) > 0
}

function refusalIn(error: unknown): CodeRefusal {
  const code = Number(attribute(error, 'code'))
  const seconds = Number(attribute(error, 'backoff'))
  return {
    ...(Number.isInteger(code) && code > 0 ? { code } : {}),
    ...(seconds > 0 && Number.isFinite(seconds) ? { waitMs: seconds * 1_000 } : {}),
  }
}

const attribute = (stanza: unknown, name: string): unknown => read(read(stanza, 'attrs'), name)

function childOf(stanza: unknown, tag: string): unknown {
  const content = read(stanza, 'content')
  return Array.isArray(content) ? content.find((one) => read(one, 'tag') === tag) : undefined
}
