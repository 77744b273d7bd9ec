import { read } from '../errors/error-chain.ts'
import { ConnectionGone } from './message-gate.ts'

type OnStray = (reason: unknown) => void

const listeners = new Set<OnStray>()

/**
 * Keeps the process alive through a fault of Baileys: work that it started and does not wait for (in v6 each first retry receipt, 2 s after the
 * message) rejects with `Connection Closed` when the connection ends meanwhile, and Node ends a process for that. Such rejections are told to
 * `onStray`; all others meet what they would have met without us. One handler serves the process: put on with the first listener, taken off with the
 * last. Returns the function that ends it.
 */
export function catchStrayRejections(onStray: OnStray): () => void {
  const own: OnStray = (reason) => onStray(reason)
  if (listeners.size === 0) process.on('unhandledRejection', onRejection)
  listeners.add(own)
  return () => {
    if (listeners.delete(own) && listeners.size === 0) process.off('unhandledRejection', onRejection)
  }
}

function onRejection(reason: unknown): void {
  if (isStray(reason)) {
    for (const tell of [...listeners]) tell(reason)
    return
  }
  if (process.listenerCount('unhandledRejection') > 1) return
  // Nobody else listens, so Node would have thrown: the same happens here.
  setImmediate(() => {
    throw reason
  })
}

/** `Connection Closed` (428) from inside Baileys: a Boom whose stack leads through the package. Or from our own gate inside it. */
export function isStray(reason: unknown): boolean {
  if (reason instanceof ConnectionGone) return true
  const stack = read(reason, 'stack')
  return (
    read(reason, 'isBoom') === true &&
    read(read(reason, 'output'), 'statusCode') === 428 &&
    read(reason, 'message') === 'Connection Closed' &&
    typeof stack === 'string' &&
    /[\\/](@whiskeysockets[\\/]baileys|baileys[^\\/]*)[\\/]lib[\\/]/.test(stack)
  )
}
