import { isStray } from './stray.ts'

type OnStray = (reason: unknown) => void
type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean

const listeners = new Set<OnStray>()
let restore: () => void = () => undefined

/** With V8's ten frames, who began it is cut off as soon as Baileys asks the server for something. */
const stackFrames = 50

/** What Node tells of a fault before it ends the process for it. */
const faults: ReadonlySet<unknown> = new Set(['unhandledRejection', 'uncaughtException', 'uncaughtExceptionMonitor'])

/**
 * Keeps the process alive through a fault of Baileys: work that it started and does not wait for rejects, a timer of it
 * throws, and Node ends a process for that. What was left behind so is told to `onStray`, and neither to Node nor to
 * the app's own handlers; everything else meets what it would have met without us. One guard serves the process: put on
 * with the first listener, taken off with the last. Returns the function that ends it.
 */
export function catchStrays(onStray: OnStray): () => void {
  const own: OnStray = (reason) => onStray(reason)
  if (listeners.size === 0) restore = install()
  listeners.add(own)
  return () => {
    if (listeners.delete(own) && listeners.size === 0) restore()
  }
}

function install(): () => void {
  const offs = [deepenStacks(), isNode() ? guardEmit() : listen()]
  return () => {
    for (const off of offs) off()
  }
}

/**
 * Node asks `process.emit` whether a fault was handled: an answer for strays alone leaves everything else to it,
 * whatever its options say.
 */
function guardEmit(): () => void {
  const { emit } = process as { emit: Emit }
  let active = true
  const guarded: Emit = function (this: NodeJS.Process, event, ...args) {
    const [reason] = args
    if (!active || !faults.has(event) || !isStray(reason)) return Reflect.apply(emit, this, [event, ...args])
    if (event !== 'uncaughtExceptionMonitor') tell(reason)
    return true
  }
  process.emit = guarded as typeof process.emit
  return () => {
    active = false
    if ((process as { emit: unknown }).emit === guarded) process.emit = emit as typeof process.emit
  }
}

/** Other runtimes know listeners alone. */
function listen(): () => void {
  process.on('unhandledRejection', onRejection)
  return () => {
    process.off('unhandledRejection', onRejection)
  }
}

function onRejection(reason: unknown): void {
  if (isStray(reason)) {
    tell(reason)
    return
  }
  if (process.listenerCount('unhandledRejection') > 1) return
  // Nobody else listens, so the process would have ended: the same happens here.
  setImmediate(() => {
    throw reason
  })
}

function tell(reason: unknown): void {
  for (const listener of [...listeners]) {
    try {
      listener(reason)
    } catch {
      // Nobody is left to tell.
    }
  }
}

function deepenStacks(): () => void {
  const before = Error.stackTraceLimit
  if (!(before < stackFrames)) return () => undefined
  Error.stackTraceLimit = stackFrames
  return () => {
    if (Error.stackTraceLimit === stackFrames) Error.stackTraceLimit = before
  }
}

function isNode(): boolean {
  return process.versions.bun === undefined && process.versions.deno === undefined
}
