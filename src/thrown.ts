import { errorChain } from './baileys/error-chain.ts'
import { cleanText } from './baileys/redact.ts'

/** What anything that was thrown says of itself, cleaned of secrets, on one line of at most 200 characters. Never throws: callbacks throw anything. */
export function wordsOf(thrown: unknown): string {
  try {
    const said = errorChain(thrown).find(({ message }) => message !== '')?.message
    return cleanText(said ?? String(thrown))
  } catch {
    return 'something was thrown that cannot be shown'
  }
}
