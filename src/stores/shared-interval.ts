/** Steps that are due at one moment, and the one timer for them. */
interface Shared {
  readonly steps: Set<() => void>
  readonly timer: NodeJS.Timeout
}

/** By the timer of the process, so that a test's fake one counts, and by length in milliseconds. */
const running = new WeakMap<typeof setInterval, Map<number, Shared>>()

/**
 * Calls the step every so many milliseconds, at one moment with all others of the process that want it as often: to
 * wake up for one takes many times what the step itself does, and a process may have hundreds of accounts. The first
 * call comes after that time or earlier. It keeps no process alive. Returns the function that ends it.
 */
export function everyShared(ms: number, step: () => void): () => void {
  const of = running.get(setInterval) ?? new Map<number, Shared>()
  running.set(setInterval, of)
  const shared = of.get(ms) ?? begin(ms)
  of.set(ms, shared)
  // A function of its own: the same step may be asked for twice.
  const own = () => step()
  shared.steps.add(own)
  return () => {
    if (!shared.steps.delete(own) || shared.steps.size > 0) return
    clearInterval(shared.timer)
    of.delete(ms)
  }
}

function begin(ms: number): Shared {
  const steps = new Set<() => void>()
  const timer = setInterval(() => {
    for (const step of [...steps]) if (steps.has(step)) take(step)
  }, ms).unref()
  return { steps, timer }
}

/** One that throws, as its own timer would have let it, takes nothing from the others. */
function take(step: () => void): void {
  try {
    step()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
