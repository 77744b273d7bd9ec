import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesStanding } from '../../src/rehearsal/demo/standing.ts'
import { foreignSession } from '../../src/rehearsal/fake-whatsapp/index.ts'

export type Damage = 'foreign' | 'empty' | 'nul' | 'half' | 'poison'

/** Names of the session files of a folder, once they hold what the gateway has written. */
export async function sessionFiles(folder: string): Promise<string[]> {
  await filesStanding(folder)
  return (await readdir(folder)).filter((name) => name.startsWith('session-')).sort()
}

const breaks: Readonly<Record<Damage, (path: string) => Promise<string | Uint8Array>>> = {
  /** Valid in every field, and of somebody else. */
  foreign: async () => JSON.stringify(await foreignSession()),
  empty: async () => '',
  nul: async (path) => Buffer.alloc((await readFile(path)).length),
  half: async (path) => (await readFile(path)).subarray(0, (await readFile(path)).length / 2),
  /** Valid JSON, and wrong inside: libsignal fails to load it, each time. */
  poison: async () => {
    const entries = Object.values(Object((await foreignSession())._sessions))
    return JSON.stringify({ version: 'v1', _sessions: { AAAA: { ...Object(entries[0]), _chains: { AAAA: {} } } } })
  },
}

/** Damages the session files as a power cut does, one kind after the other. Returns what each file holds now. */
export async function damageSessions(
  folder: string,
  kinds: readonly Damage[],
  names?: readonly string[],
): Promise<Map<string, Buffer>> {
  const held = new Map<string, Buffer>()
  for (const [at, name] of (names ?? (await sessionFiles(folder))).entries()) {
    const path = join(folder, name)
    const kind = kinds[at % kinds.length] ?? 'empty'
    await writeFile(path, await breaks[kind](path))
    held.set(name, await readFile(path))
  }
  return held
}

/** The marker that the last run did not end well, as a power cut leaves it. */
export async function uncleanEnd(folder: string): Promise<void> {
  const path = join(folder, '.lifeline', 'state.json')
  const facts: unknown = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...Object(facts), clean: false }))
}
