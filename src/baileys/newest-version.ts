import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { entryOfBaileys } from './installed.ts'

/** A version of WhatsApp Web, e.g. [2, 3000, 1027934701]. */
type Version = readonly [number, number, number]

const parse = (text: string): Version | undefined => {
  const [, a, b, c] = /^(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? []
  return a === undefined ? undefined : [Number(a), Number(b), Number(c)]
}

const isNewer = (one: Version, other: Version): boolean => {
  const at = one.findIndex((part, index) => part !== other[index])
  return at >= 0 && (one[at] ?? 0) > (other[at] ?? 0)
}

/** The newest that any socket of this process has reported: what one account was given helps the others to say so. */
let reported: Version | undefined

/** A socket reports this version of WhatsApp Web to the server: Baileys' own, or one that its owner has fetched. */
export function noteVersion(version: string): void {
  const noted = parse(version)
  if (noted && (reported === undefined || isNewer(noted, reported))) reported = noted
}

let own: Version | undefined
let looked = false

/** What the Baileys beside this package reports by itself: v7 has it in its code, v6 in a file. */
function ownVersion(): Version | undefined {
  if (!looked) own = read()
  looked = true
  return own
}

function read(): Version | undefined {
  const entry = entryOfBaileys()
  if (entry === undefined) return undefined
  for (const name of ['index.js', 'baileys-version.json'])
    try {
      const text = readFileSync(join(dirname(entry), 'Defaults', name), 'utf8')
      const [, a, b, c] = /version["']?\s*[:=]\s*\[\s*(\d+),\s*(\d+),\s*(\d+)\s*\]/.exec(text) ?? []
      if (a !== undefined) return [Number(a), Number(b), Number(c)]
    } catch {
      // Another release may have it elsewhere: then it is not known.
    }
  return undefined
}

/** The newest version of WhatsApp Web that is known here, e.g. `2.3000.1027934701`; undefined where none is. */
export function newestVersion(): string | undefined {
  const offered = ownVersion()
  const newest = offered && (reported === undefined || isNewer(offered, reported)) ? offered : reported
  return newest?.join('.')
}
