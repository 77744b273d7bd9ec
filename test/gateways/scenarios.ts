import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Contact, faults, foreignSession } from '../../src/rehearsal/fake-whatsapp/index.ts'
import type { Trial } from './trial.ts'

/** What befalls a gateway: before it is started, or once it is connected. */
export interface Scenario {
  readonly name: string
  /** The account is dead, so nobody comes back without a scan. */
  readonly needsCode?: true
  /** Contacts with sessions, whose files lie in the folder. */
  readonly friends?: number
  readonly before?: (trial: Trial) => Promise<void> | void
  readonly after?: (trial: Trial) => Promise<void> | void
  /** What Baileys' example loop alone makes of it. */
  readonly alone: 'back' | 'lost'
}

type Harm = (before: Buffer) => Buffer

export const harm = {
  empty: () => Buffer.alloc(0),
  nuls: (before) => Buffer.alloc(before.length),
  half: (before) => before.subarray(0, Math.floor(before.length / 2)),
} satisfies Record<string, Harm>

/**
 * Every session of the folder is damaged, each friend's in its own way. Whoever never sends again what could not be
 * read stays unread until the account writes to him.
 */
export async function harmSessions({ folder, friends }: Trial, ways: readonly Harm[]): Promise<void> {
  const names = await readdir(folder)
  for (const [at, friend] of friends.entries()) {
    for (const name of names) {
      const path = join(folder, name)
      const way = ways[at % ways.length]
      if (way && isSessionOf(name, friend)) await writeFile(path, way(await readFile(path)))
    }
  }
}

const isSessionOf = (name: string, { number, lid }: Contact): boolean =>
  [number, lid?.split('@')[0]].some((user) => new RegExp(`^session-${user}(?:_1)?\\.`).test(name))

export const harmCreds = (way: Harm) => async (trial: Trial) => {
  const path = join(trial.folder, 'creds.json')
  await writeFile(path, way(await readFile(path)))
}

/** It can be parsed, and the server answers it with 401, on which gateways delete their folder. */
function poisoned(before: Buffer): Buffer {
  const creds = JSON.parse(before.toString())
  return Buffer.from(JSON.stringify({ ...creds, me: { ...creds.me, id: creds.me.id.replace(/:\d+@/, '@') } }))
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'refused at boot',
    before: ({ server }) => server.onNextLogin({ kind: 'reset', at: 'upgrade' }, { times: 5 }),
    alone: 'back',
  },
  {
    name: '515 at boot',
    before: ({ server }) => server.onNextLogin(faults.restartRequired, { times: 2 }),
    alone: 'back',
  },
  {
    name: '440, then quiet',
    after: async (trial) => {
      await trial.ready(1)
      trial.server.now(faults.replaced, trial.number)
    },
    alone: 'back',
  },
  {
    name: 'the seed story: sessions torn and foreign, a 440, a 515',
    friends: 4,
    before: async (trial) => {
      const foreign = Buffer.from(JSON.stringify(await foreignSession()))
      await harmSessions(trial, [() => foreign, harm.half, () => foreign, harm.nuls])
      trial.server.onNextLogin(faults.replaced, { account: trial.number })
      trial.server.onNextLogin(faults.restartRequired, { account: trial.number })
    },
    alone: 'back',
  },
  {
    name: 'session files empty, full of NULs, half-written',
    friends: 3,
    before: (trial) => harmSessions(trial, [harm.empty, harm.nuls, harm.half]),
    alone: 'back',
  },
  { name: 'creds.json empty', before: harmCreds(harm.empty), alone: 'lost' },
  { name: 'creds.json full of NULs', before: harmCreds(harm.nuls), alone: 'lost' },
  { name: 'creds.json half-written', before: harmCreds(harm.half), alone: 'lost' },
  { name: 'creds.json with an id that has no device', before: harmCreds(poisoned), alone: 'lost' },
  {
    name: 'logged out by the phone',
    needsCode: true,
    after: async (trial) => {
      await trial.ready(1)
      trial.server.phone(trial.number).unlink()
    },
    alone: 'lost',
  },
  {
    name: 'a server that is mute from the login on',
    before: ({ server }) => server.onNextLogin({ kind: 'silence', at: 'login' }),
    alone: 'back',
  },
  {
    name: '14 drops',
    after: async (trial) => {
      await trial.ready(1)
      trial.server.onNextLogin(faults.unavailable, { times: 13 })
      trial.server.now(faults.unavailable, trial.number)
    },
    alone: 'back',
  },
  {
    name: 'a captive portal',
    before: ({ server }) => server.onNextLogin(faults.portal, { times: 2 }),
    alone: 'lost',
  },
]
