import { setTimeout as pause } from 'node:timers/promises'
import type { Finding } from '../../stores/store.ts'
import type { LiveSocket } from './live-socket.ts'
import type { Resources } from './resources.ts'

/**
 * What a torn disk leaves in the place of sessions: what libsignal cannot load never heals by itself, and what is no
 * JSON at all Baileys would write over, with nothing left to look at.
 */
const unloadable: ReadonlySet<string> = new Set(['session-poison', 'file-unreadable'])
const why = 'session files that nothing can load'
const wouldWhy = 'nothing can load their files'

/** Beside messages that come in: so many at a time, and then others have their turn. */
const atATime = 64
const restMs = 50

/**
 * After an unclean end, before anything is dialled: sessions that nothing can load are set aside, those that were
 * written last first, for as long as the policy says. The others wait in `sessionsLeft`.
 */
export async function setAsideDamaged(resources: Resources): Promise<void> {
  const { store, policy, clock } = resources
  const look = { withinMs: policy.prune.lookMs, now: clock }
  const seen = await (store.lookAtSessions?.(look) ?? store.inspect())
  resources.sessionsLeft = 'left' in seen ? [...seen.left] : []
  const names = damagedIn(seen.findings)
  if (names.length === 0) return
  if (resources.mode === 'observe') {
    resources.journal.would('sessions-set-aside', names.length, wouldWhy)
    return
  }
  const entry = await store.quarantine({ kind: 'files', names }, why)
  if (!entry) return
  const addresses = entry.files.map(({ name }) => addressOf(name))
  resources.notify('sessions-pruned', { scope: 'unloadable', addresses, quarantine: entry.id })
}

/**
 * Once the account is connected: the sessions for which there was no time, in the same order. Each that nothing can
 * load is copied aside and forgotten through Baileys' own key store, in its contact's turn, as by the live cure:
 * nothing is moved under a socket that may write. So they are cured before they are met, and nobody waits for it.
 */
export function lookOn(resources: Resources, live: LiveSocket): void {
  setAsideLeft(resources, live).catch((error: unknown) => {
    if (!live.detached) resources.report(error, 'looking at the other sessions')
  })
}

async function setAsideLeft(resources: Resources, live: LiveSocket): Promise<void> {
  const { store, sessionsLeft: left } = resources
  while (left.length > 0 && !live.detached) {
    const names = left.slice(0, atATime)
    const damaged = await damagedAmong(resources, names)
    if (live.detached) return
    if (damaged.length > 0 && resources.mode === 'observe')
      resources.journal.would('sessions-set-aside', damaged.length, wouldWhy)
    else if (damaged.length > 0) {
      const entry = await store.copyAside({ kind: 'files', names: damaged }, why)
      // What cannot be read has no copy, so it stays.
      const copied = (entry?.files ?? []).filter(({ sha256 }) => sha256 !== '').map(({ name }) => name)
      const addresses: string[] = []
      for (const name of copied) {
        const still = async () => !live.detached && (await damagedAmong(resources, [name])).length > 0
        if (await live.forgetSessions([addressOf(name)], still)) addresses.push(addressOf(name))
      }
      if (addresses.length > 0)
        resources.notify('sessions-pruned', { scope: 'unloadable', addresses, quarantine: entry?.id })
    }
    if (live.detached) return
    left.splice(0, names.length)
    await pause(restMs, undefined, { ref: false })
  }
}

async function damagedAmong({ store, clock }: Resources, names: readonly string[]): Promise<readonly string[]> {
  const seen = await store.lookAtSessions?.({ names, withinMs: Number.POSITIVE_INFINITY, now: clock })
  return damagedIn(seen?.findings ?? [])
}

const damagedIn = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter(({ code }) => unloadable.has(code))
    .flatMap(({ file }) => (file?.startsWith('session-') ? [file] : []))

const addressOf = (name: string): string => name.replace(/^session-|\.json$/g, '')
