let offsetMs = 0
const watching = new Set<(now: number) => void>()

/** Takes the gateway's clock over, so that countdowns are right on a viewer whose own clock is wrong. */
export function setClock(at: number): void {
  offsetMs = at - performance.now()
}

/** Now by the gateway's clock, epoch milliseconds. */
export const serverNow = (): number => performance.now() + offsetMs

function tick(): void {
  const now = serverNow()
  for (const watch of watching) watch(now)
}

/** Calls back once a second. Returns what ends it. */
export function everySecond(watch: (now: number) => void): () => void {
  watching.add(watch)
  return () => {
    watching.delete(watch)
  }
}

window.setInterval(tick, 1_000)
// A page that was asleep looks at once: a code may be past its time by now.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) tick()
})
