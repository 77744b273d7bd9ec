/** Shorter ones are over soon by themselves; Baileys 7 tries a write that was refused nine times again, each 3 s. */
const leastMs = 1_000

/** The main parts of every Baileys, whatever it is called. */
const ofBaileys = /[\\/]lib[\\/](?:Socket|Utils)[\\/]/

let watching = 0
let stopWatching = (): void => undefined
const seen = new Set<WeakRef<NodeJS.Timeout>>()

/**
 * Baileys 7 gives its upload of pre-keys 30 s and forgets the timer when it is done: a process with nothing left to do
 * waits for it, as it does for writes that it tries again. From now on long timers of Baileys are noted; the returned
 * function has none of them hold the process.
 */
export function watchTimers(): () => void {
  if (watching === 0) stopWatching = wrapSetTimeout()
  watching += 1
  let over = false
  return () => {
    if (over) return
    over = true
    for (const timer of seen) timer.deref()?.unref()
    seen.clear()
    watching -= 1
    if (watching === 0) stopWatching()
  }
}

function wrapSetTimeout(): () => void {
  const original = globalThis.setTimeout
  const noting = (...args: Parameters<typeof setTimeout>): NodeJS.Timeout => {
    const timer = original(...args)
    const [, ms = 0] = args
    if (ms >= leastMs && ofBaileys.test(callersOf(noting))) seen.add(new WeakRef(timer))
    return timer
  }
  globalThis.setTimeout = Object.assign(noting, original)
  return () => {
    // Somebody else may have laid another one over it meanwhile, such as a clock for tests.
    if (globalThis.setTimeout === (noting as typeof setTimeout)) globalThis.setTimeout = original
  }
}

/** The lines of the stack that led to a function, the nearest few: Bun counts from elsewhere than Node. */
function callersOf(called: (...args: never[]) => unknown): string {
  const here: { stack?: string } = {}
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 5
  Error.captureStackTrace(here, called)
  Error.stackTraceLimit = stackTraceLimit
  return here.stack ?? ''
}
