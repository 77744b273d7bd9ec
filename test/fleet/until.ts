import { setTimeout as later } from 'node:timers/promises'

/**
 * Resolves as soon as it holds. What happens in another process tells nothing here, so it is looked for every few
 * milliseconds.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  withinMs = 30_000,
  what = String(holds),
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come to: ${what}`)
    await later(10)
  }
}
