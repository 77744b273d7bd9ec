import { UsageError } from './failure.ts'

type Version = [number, number, number]

/** The part of Baileys that knows of the newest version; never rejects, but says so where it could not fetch one. */
interface Newest {
  fetchLatestWaWebVersion(): Promise<{ readonly version: number[]; readonly isLatest: boolean }>
}

/**
 * The version that the next socket is to report: a given one, the newest that Baileys can fetch, asked for each time,
 * or undefined, where Baileys takes its own. `told` hears that the newest could not be fetched, once.
 */
export function waVersion(
  given: string | undefined,
  told: (line: string) => void,
): (baileys: Newest) => Promise<Version | undefined> {
  if (given === undefined) return async () => undefined
  if (given === 'latest') return newest(told)
  const [, a, b, c] = /^(\d+)\.(\d+)\.(\d+)$/.exec(given) ?? []
  if (a === undefined)
    throw new UsageError(`${given} is not a version.`, 'Give three numbers, such as 2.3000.1023223821, or latest.')
  return async () => [Number(a), Number(b), Number(c)]
}

function newest(told: (line: string) => void): (baileys: Newest) => Promise<Version | undefined> {
  let known: Version | undefined
  let said = false
  return async (baileys) => {
    const { version, isLatest } = await baileys.fetchLatestWaWebVersion()
    const [a, b, c] = version
    if (isLatest && a !== undefined && b !== undefined && c !== undefined) known = [a, b, c]
    if (known === undefined && !said) {
      said = true
      told("The newest version of WhatsApp cannot be fetched. Baileys' own is reported until it can.")
    }
    return known
  }
}
