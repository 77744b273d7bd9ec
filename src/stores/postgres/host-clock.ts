/** The clocks and timers of a host; a test gives its own. */
export interface HostClock {
  /** Milliseconds that only ever rise. */
  now(): number
  /** The wall clock: a step of it may mean that the host slept, which `now` does not count. */
  wall(): number
  /** Calls `step` each `ms` milliseconds until it is stopped. */
  every(ms: number, step: () => void): { stop(): void }
}

export const nodeHostClock: HostClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  every: (ms, step) => {
    const timer = setInterval(step, ms)
    timer.unref()
    return { stop: () => clearInterval(timer) }
  },
}
