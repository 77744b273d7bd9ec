type Step = (clean: boolean) => void

const steps = new Set<Step>()
let crashed = false

/**
 * Has a step done when the process exits, also by `process.exit()` in a handler of a signal, as gateways do. An end by
 * an exception that nobody caught is not a clean one. Returns the function that takes the step back.
 */
export function atExit(step: Step): () => void {
  if (steps.size === 0) {
    process.on('exit', onExit)
    process.on('uncaughtExceptionMonitor', onCrash)
  }
  steps.add(step)
  return () => {
    if (!steps.delete(step) || steps.size > 0) return
    process.off('exit', onExit)
    process.off('uncaughtExceptionMonitor', onCrash)
  }
}

function onExit(code: number): void {
  for (const step of steps) step(!crashed || code === 0)
}

function onCrash(): void {
  crashed = true
}
