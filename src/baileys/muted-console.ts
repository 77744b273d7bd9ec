const methods = ['error', 'warn', 'info', 'log', 'debug'] as const

/**
 * Keeps everything off the console that is said through `console`, for a program that speaks on stdout and stderr
 * itself: libsignal prints there past every logger, private keys of sessions among it. Returns the function that ends
 * it.
 */
export function muteConsole(): () => void {
  const undo = methods.map((name) => {
    const original = console[name]
    const mute = () => undefined
    console[name] = mute
    return () => {
      if (console[name] === mute) console[name] = original
    }
  })
  return () => {
    for (const restore of undo) restore()
  }
}
