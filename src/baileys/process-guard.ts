import { tapConsole } from './console-tap.ts'
import { catchStrays } from './strays.ts'

/**
 * What Baileys and libsignal do to the process as a whole, held off while at least one account is supervised: private
 * keys printed on the console, between sockets too, and faults that nobody catches. Returns the function that ends it,
 * which may be called twice.
 */
export function guardProcess(onStray: (reason: unknown) => void): () => void {
  const offs = [tapConsole(() => undefined), catchStrays(onStray)]
  return () => {
    for (const off of offs.splice(0)) off()
  }
}
