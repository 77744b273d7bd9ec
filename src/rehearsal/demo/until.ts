const lookEveryMs = 20

/**
 * Whether it came true within that time. What is waited for happens in other processes and in several parties at once,
 * so it is looked at again and again.
 */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs
  for (;;) {
    if (await holds()) return true
    if (performance.now() > end) return false
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}
