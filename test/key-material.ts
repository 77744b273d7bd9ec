import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbsent } from '../src/stores/disk/file-system.ts'

/** Shorter ones are counters, flags and names. */
const shortestKey = 16
/** By so many characters a secret is looked up: a pairing code has no more. */
const startSize = 8

/**
 * Every key in the JSON files below a folder, quarantine and older generations included, in each of the forms that a
 * careless log would show.
 */
export async function keyMaterial(folder: string): Promise<Set<string>> {
  const found = new Set<string>()
  const add = (base64: string) => {
    const bytes = Buffer.from(base64, 'base64')
    if (bytes.length < shortestKey) return
    const hex = bytes.toString('hex')
    found.add(base64.replace(/=+$/, ''))
    found.add(bytes.toString('base64url'))
    found.add(hex)
    // JSON of a Buffer, and what the console makes of one.
    const start = [...bytes.subarray(0, shortestKey)]
    found.add(start.join(','))
    found.add(hex.slice(0, 2 * shortestKey).replace(/..(?!$)/g, '$& '))
  }
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && /^[A-Za-z0-9+/]{22,}={0,2}$/.test(value)) add(value)
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      walk(key)
      walk(member)
    }
  }
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // A manifest names files by their hashes, which are no secrets.
    if (!entry.isFile() || !entry.name.endsWith('.json') || entry.name === 'manifest.json') continue
    try {
      walk(JSON.parse(await readFile(join(entry.parentPath, entry.name), 'utf8')))
    } catch (error) {
      // A file that was torn on purpose; a key that a live account has used up since.
      if (!(error instanceof SyntaxError || isAbsent(error))) throw error
    }
  }
  return found
}

/** The parts of a code to scan that nobody else may have. */
export const codeParts = (code: string): readonly string[] =>
  code
    .slice(code.indexOf('#') + 1)
    .split(',')
    .filter((part) => part.length >= shortestKey)

/**
 * What stands before each secret that stands in the text: enough to find the place by, and nothing of the secret. One
 * pass, however many secrets and however long the text.
 */
export function secretsShownIn(text: string, secrets: Iterable<string>): readonly string[] {
  const byStart = new Map<string, string[]>()
  for (const secret of secrets) {
    const start = secret.slice(0, startSize)
    byStart.set(start, [...(byStart.get(start) ?? []), secret])
  }
  // Which three characters a start begins with: all else is passed by without a look at it.
  const begins = new Uint8Array(2 ** 24)
  const three = (units: Buffer, at: number): number =>
    ((units[at] ?? 0) << 16) | ((units[at + 1] ?? 0) << 8) | (units[at + 2] ?? 0)
  for (const start of byStart.keys()) begins[three(Buffer.from(start, 'latin1'), 0)] = 1
  const units = Buffer.from(text, 'latin1')
  const shown: string[] = []
  for (let at = 0; at + startSize <= units.length; at += 1) {
    if (begins[three(units, at)] === 0) continue
    const whole = byStart.get(text.slice(at, at + startSize))?.some((secret) => text.startsWith(secret, at))
    if (whole) shown.push(`…${text.slice(Math.max(0, at - 200), at).replace(/[\w+/-]{20,}/g, '…')}`)
  }
  return shown
}
