import type { Status } from '../../machines/index.ts'
import { LifelineError } from '../errors/errors.ts'
import type { AuthStore } from '../stores/store.ts'

/** The line, as far as a restore pauses it. */
interface PausedLine {
  readonly mode: 'heal' | 'observe'
  readonly status: Status
  start(): Promise<void>
  stop(): Promise<void>
}

interface RestoreParts {
  readonly line: PausedLine
  readonly store: AuthStore
  /** How often the line was stopped: a stop that comes meanwhile is the last word. */
  readonly stops: () => number
  /** Is given the work that such a stop has to wait for. */
  readonly waitFor: (work: Promise<unknown>) => void
}

/**
 * Puts an entry of the quarantine back while nothing writes: supervision pauses, the files come back, supervision goes
 * on. A refused restore changes nothing but the pause.
 */
export async function restoreInto(
  { line, store, stops, waitFor }: RestoreParts,
  id: string,
  options: { readonly force?: boolean },
): Promise<readonly string[]> {
  if (line.mode === 'observe')
    throw new LifelineError(
      'REFUSED',
      'Nothing is restored in the mode observe.',
      "Switch to mode 'heal', or use `lifeline quarantine restore` while the gateway is stopped.",
    )
  if (line.status.state === 'stopped')
    throw new LifelineError('STOPPED', 'Supervision is stopped, so nothing was restored.', 'Call start().')
  // Read before the pause: a wrong id must not cost the connection.
  if (!(await store.quarantined()).some((entry) => entry.id === id))
    throw new LifelineError(
      'AUTH_STORE_NOT_FOUND',
      'There is no quarantine entry with this id.',
      'Look at the list: `quarantined()`, or `lifeline quarantine list`.',
    )
  await line.stop()
  const stopped = stops()
  const work = putBack(store, id, options)
  waitFor(work)
  try {
    return await work
  } finally {
    if (stops() === stopped) await line.start()
  }
}

async function putBack(
  store: AuthStore,
  id: string,
  options: { readonly force?: boolean },
): Promise<readonly string[]> {
  await store.acquire()
  try {
    const names = await store.restore(id, options)
    // A restored counter may stand behind pre-keys that were made since.
    if (names.includes('creds.json')) await store.repairPreKeys({ force: true })
    return names
  } finally {
    await store.release()
  }
}
