/** The methods of `console` that libsignal calls. */
export const tappedMethods = ['error', 'warn', 'info', 'log'] as const

export type TappedMethod = (typeof tappedMethods)[number]

/**
 * What becomes of a console line of libsignal 6.0.0: `drop` holds a session with its private ratchet keys, `failed`,
 * `session-error` and `closed-session` are told as events instead. Its other lines hold no secret and pass.
 */
export type LineKind = 'drop' | 'failed' | 'session-error' | 'closed-session'

const lines: readonly { readonly prefix: string; readonly kind: LineKind }[] = [
  { prefix: 'Closing session:', kind: 'drop' },
  { prefix: 'Opening session:', kind: 'drop' },
  { prefix: 'Removing old closed session:', kind: 'drop' },
  { prefix: 'Session already closed', kind: 'drop' },
  { prefix: 'Failed to decrypt message with any known session...', kind: 'failed' },
  { prefix: 'Session error:', kind: 'session-error' },
  { prefix: 'Decrypted message with closed session.', kind: 'closed-session' },
]

/** Which of libsignal's lines a console call is, or undefined for everybody else's. */
export function libsignalLine(args: readonly unknown[]): LineKind | undefined {
  const [first] = args
  if (typeof first !== 'string') return isSession(first) ? 'drop' : undefined
  const line = lines.find(({ prefix }) => first.startsWith(prefix))
  // The same words from somebody else, without a session, are theirs to print.
  if (line?.kind === 'drop') return args.slice(1).some((arg) => typeof arg === 'object') ? 'drop' : undefined
  return line?.kind ?? (args.some(isSession) ? 'drop' : undefined)
}

/** A libsignal session or a record of them, whatever line a future version prints it on. */
function isSession(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    return ('currentRatchet' in value && 'indexInfo' in value) || ('sessions' in value && 'haveOpenSession' in value)
  } catch {
    return false
  }
}

/** The Signal address in a stack: libsignal names its queue's job by it, `at async <user>.<device> [as awaitable]`. */
export function addressInStack(stack: unknown): string | undefined {
  if (typeof stack !== 'string') return undefined
  return /^\s+at (?:async )?(\S+\.\d+) \[as awaitable\]/m.exec(stack)?.[1]
}
