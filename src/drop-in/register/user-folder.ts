import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** What the variable of a kind of folder is on the systems that have one, and where such a folder lies without it. */
const kinds = {
  state: { variable: 'XDG_STATE_HOME', usual: ['.local', 'state'] },
  cache: { variable: 'XDG_CACHE_HOME', usual: ['.cache'] },
} as const

/**
 * Ours with the user: what others could write to would be run as theirs. A variable that depends on where a program was
 * started is none, as its specification says.
 */
export function userFolder(kind: keyof typeof kinds, name: string, platform = process.platform): string {
  const { variable, usual } = kinds[kind]
  const { [variable]: wanted, LOCALAPPDATA: local } = process.env
  const base =
    (wanted !== undefined && isAbsolute(wanted) && wanted) ||
    (platform === 'win32' && local) ||
    join(homedir(), ...usual)
  return join(base, 'baileys-lifeline', name)
}
