import { cleanText } from '../errors/redact.ts'
import { addressInStack, libsignalLine, type TappedMethod, tappedMethods } from './libsignal-lines.ts'

/** What libsignal said on the console, from any account of this process. */
export type SignalEvent =
  /** One message that no session could read: what each session said, and the address if the stack tells. */
  | {
      readonly type: 'decrypt-failed'
      readonly address?: string
      readonly errors: readonly string[]
      readonly at: number
    }
  /** A message was read by an archived session: the marker of a session that a failed trial has damaged. */
  | { readonly type: 'closed-session'; readonly address?: string; readonly at: number }

type Method = (...args: unknown[]) => void

interface Failure {
  address: string | undefined
  readonly errors: string[]
}

interface Tap {
  readonly tapped: Method
  off(): void
}

const listeners = new Set<(event: SignalEvent) => void>()
/** The oldest first. There is one for each method, and one more wherever somebody replaced it since. */
const taps: Tap[] = []
let failure: Failure | undefined

/**
 * Listens to what libsignal prints, and keeps its lines, some of which hold private keys, off the console meanwhile.
 * Everything else passes untouched. One tap serves the process: put on with the first listener, taken off with the
 * last. If somebody replaced or wrapped the console in between, the next listener puts another tap on top, so that
 * what is there now is kept from libsignal's lines too; what cannot be taken off at the end lets everything through.
 * `at` is `performance.now()`. A listener that throws harms nothing. Returns the function that ends it, which may be
 * called twice.
 */
export function tapConsole(listener: (event: SignalEvent) => void): () => void {
  const own = (event: SignalEvent) => listener(event)
  listeners.add(own)
  for (const name of tappedMethods) {
    if (!taps.some(({ tapped }) => tapped === console[name])) taps.push(wrap(name))
  }
  return () => {
    listeners.delete(own)
    if (listeners.size > 0) return
    for (const tap of taps.splice(0).reverse()) tap.off()
  }
}

function wrap(name: TappedMethod): Tap {
  const original: Method = console[name]
  let active = true
  function tapped(this: unknown, ...args: unknown[]): void {
    if (!active || !takes(args)) Reflect.apply(original, this ?? console, args)
  }
  console[name] = tapped
  return {
    tapped,
    off() {
      active = false
      if (console[name] === tapped) console[name] = original
    },
  }
}

/** Whether a console call was libsignal's and is dealt with. */
function takes(args: readonly unknown[]): boolean {
  switch (libsignalLine(args)) {
    case undefined:
      return false
    case 'drop':
      return true
    case 'failed':
      tellFailure()
      startFailure()
      return true
    case 'session-error': {
      const current = failure ?? startFailure()
      current.errors.push(cleanText(String(args[0]).replace(/^Session error:(?:[A-Za-z]*Error: )?/, '')))
      current.address ??= addressInStack(args[1])
      return true
    }
    case 'closed-session':
      tell({ type: 'closed-session', ...addressOf(addressInStack(new Error('here').stack)), at: performance.now() })
      return true
  }
}

/**
 * libsignal prints all lines of one failure in one go, so the end of the current microtask is the end of the failure.
 */
function startFailure(): Failure {
  failure = { address: undefined, errors: [] }
  queueMicrotask(tellFailure)
  return failure
}

function tellFailure(): void {
  if (failure === undefined) return
  const { address, errors } = failure
  failure = undefined
  tell({ type: 'decrypt-failed', ...addressOf(address), errors, at: performance.now() })
}

function addressOf(address: string | undefined): { address?: string } {
  return address === undefined ? {} : { address }
}

function tell(event: SignalEvent): void {
  for (const listener of [...listeners]) {
    try {
      listener(event)
    } catch {
      // A listener's trouble is its own: libsignal is in the middle of a decrypt here.
    }
  }
}
