import { errorChain } from './error-chain.ts'
import { cleanText } from './redact.ts'

/**
 * What anything that was thrown says of itself, cleaned of secrets, on one line of at most 200 characters. Never
 * throws: callbacks throw anything.
 */
export function wordsOf(thrown: unknown): string {
  try {
    const said = errorChain(thrown).find(({ message }) => message !== '')?.message
    return cleanText(said ?? String(thrown))
  } catch {
    return 'something was thrown that cannot be shown'
  }
}

/** A callback whose answer nobody waits for may still return a promise: its rejection must not end the process. */
export function unheard(result: unknown): void {
  if (result instanceof Promise) result.catch(() => undefined)
}
