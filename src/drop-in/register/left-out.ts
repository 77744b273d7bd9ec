import { readFileSync, statSync } from 'node:fs'
import { isWithinBaileys } from './entry.ts'
import { say, seen } from './seen.ts'
import { settingsVariable } from './settings.ts'

/**
 * What tells Baileys' code in a file that a bundler has made: the handshake's name, and the call that everybody makes.
 */
const signs = ['Noise_XX_25519_AESGCM_SHA256', 'useMultiFileAuthState'] as const
const mostBytes = 64 * 2 ** 20

/** Parts of Baileys that connect or store; types and helpers may be taken from anywhere. */
const working = /\/lib\/(?:Socket|Utils\/use-multi-file-auth-state)/

/** Notes what is imported past the main file of a Baileys. */
export function noteImport(specifier: string): void {
  if (!isWithinBaileys(specifier) || !working.test(specifier)) return
  const { past } = seen()
  if (past.size === 0) setTimeout(tellSoon, sayAfterMs).unref()
  past.add(specifier)
}

/** Gateways run for months: what its end would tell is told as soon as everything has been imported, too. */
const sayAfterMs = 3_000

function tellSoon(): void {
  const why = whyNothing()
  if (why !== undefined) say(`nothing is supervised: ${why}`)
}

/**
 * Says at the end of the program that nothing of its Baileys was supervised, if that is so, and lets that show in the
 * exit code.
 */
export function tellLeftOut(): void {
  process.on('exit', (code) => {
    const why = whyNothing()
    if (why === undefined) return
    say(`nothing was supervised: ${why}`)
    if (code === 0 && process.env[settingsVariable] !== undefined) process.exitCode = 1
  })
}

function whyNothing(): string | undefined {
  const { hooked, past, refused } = seen()
  if (hooked.size > 0) return undefined
  if (past.size > 0)
    return `this program imports ${[...past][0]}, past Baileys' main file. Import it from the package itself, or use supervise() of baileys-lifeline/drop-in.`
  if (refused.size > 0) return 'its Baileys is none that can be supervised, as was said.'
  const [, program] = process.argv
  if (program !== undefined && isBundled(program))
    return `${program} has Baileys built in by a bundler. Leave Baileys external to the bundle, or use supervise() of baileys-lifeline/drop-in.`
  return undefined
}

function isBundled(program: string): boolean {
  try {
    const { size } = statSync(program)
    if (size < 50_000 || size > mostBytes) return false
    const text = readFileSync(program, 'latin1')
    return signs.every((sign) => text.includes(sign))
  } catch {
    return false
  }
}
