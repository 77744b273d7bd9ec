export type Delay = { unref?: () => unknown }

/** What puts off a piece of work. */
export interface Delays {
  /** Until what is going on at this moment has had its turn. */
  soon(step: () => void): void
  setTimeout(step: () => void, ms: number): Delay
  clearTimeout(delay: Delay): void
}

/** Node's own, looked up at each call, so that a test's fake timers count. */
export const nodeDelays: Delays = {
  soon: (step) => {
    setImmediate(step)
  },
  setTimeout: (step, ms) => setTimeout(step, ms),
  clearTimeout: (delay) => clearTimeout(delay as NodeJS.Timeout),
}
