import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { entryOfBaileys } from './installed.ts'

const partsOf = (version = ''): readonly number[] =>
  /^\d+\.\d+\.\d+$/.test(version) ? version.split('.').map(Number) : []

/** The newer of two versions of WhatsApp Web, e.g. `2.3000.1027934701`; what is no version counts as none. */
export function newerOf(one: string | undefined, other: string | undefined): string | undefined {
  const [parts, others] = [partsOf(one), partsOf(other)]
  const at = [0, 1, 2].find((part) => parts[part] !== others[part]) ?? 0
  const newer = (others[at] ?? -1) > (parts[at] ?? -1) ? other : one
  return partsOf(newer).length > 0 ? newer : undefined
}

/** The newest that any socket of this process has reported: what one account was given helps the others to say so. */
let reported: string | undefined

/** A socket reports this version of WhatsApp Web to the server: Baileys' own, or one that its owner has fetched. */
export function noteVersion(version: string): void {
  reported = newerOf(reported, version)
}

let own: string | undefined
let looked = false

/** What the Baileys beside this package reports by itself: v7 has it in its code, v6 in a file. */
function ownVersion(): string | undefined {
  if (!looked) own = read()
  looked = true
  return own
}

function read(): string | undefined {
  const entry = entryOfBaileys()
  if (entry === undefined) return undefined
  for (const name of ['index.js', 'baileys-version.json'])
    try {
      const text = readFileSync(join(dirname(entry), 'Defaults', name), 'utf8')
      const [, numbers] = /version["']?\s*[:=]\s*\[([\d\s,]+)\]/.exec(text) ?? []
      if (numbers !== undefined) return numbers.replaceAll(/\s/g, '').replaceAll(',', '.')
    } catch {
      // Another release may have it elsewhere: then it is not known.
    }
  return undefined
}

/** The newest version of WhatsApp Web that is known here, e.g. `2.3000.1027934701`; undefined where none is. */
export function newestVersion(): string | undefined {
  return newerOf(ownVersion(), reported)
}
