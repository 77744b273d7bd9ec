import { fromPromise } from 'xstate'
import type { Prepared } from '../../machines/services.ts'
import { type Host, hostOf } from '../host.ts'
import { onStore } from './problem.ts'

/**
 * Inspects and repairs before anything judges whether the account is linked: creds that cannot be read are replaced by the newest good generation,
 * pre-key ids that regressed are raised, session files that nothing can load are set aside.
 */
export const prepareAuth = fromPromise<Prepared, { readonly budgetFor: readonly string[] | undefined }>(
  ({ signal, system }) => {
    const host = hostOf(system)
    return onStore(host, () => prepare(host, signal))
  },
)

async function prepare(host: Host, signal: AbortSignal): Promise<Prepared> {
  const { store } = host
  if (host.live) await host.live.close(host.policy.reconnect.closeTimeoutMs)
  host.live = undefined
  const thorough = host.fresh && host.afterUnclean
  const found = await store.inspect({ depth: thorough ? 'full' : 'creds' })
  signal.throwIfAborted()

  if (found.creds.kind === 'unreadable') return rescue(host, found.creds.why)
  if (!found.linked) {
    const staged = await store.stagingPaired()
    return { link: staged ? 'staged' : 'unlinked', reason: 'never-linked', setAside: [] }
  }
  if (await store.stagingPaired()) return { link: 'staged', reason: 'asked', setAside: [] }
  if (host.mode === 'heal') await store.repairPreKeys()
  const setAside = thorough ? await setAsideUnloadable(host, found.findings) : []
  host.fresh = false
  return { link: 'linked', reason: 'never-linked', setAside }
}

async function rescue(host: Host, why: string): Promise<Prepared> {
  if (host.mode === 'observe') {
    host.report(
      new Error(`creds.json cannot be used (${why})`),
      'observing: the newest good generation would be restored',
    )
    return { link: 'unlinked', reason: 'creds-lost', setAside: [] }
  }
  const restored = await host.store.restoreCreds(`creds.json cannot be used: ${why}`)
  if (!restored) return { link: 'unlinked', reason: 'creds-lost', setAside: [] }
  await host.store.repairPreKeys({ force: true })
  host.notify('credentials-restored', { why, savedAt: restored.savedAt })
  return { link: 'linked', reason: 'never-linked', restoredFrom: restored.savedAt, setAside: [] }
}

/** Files that libsignal cannot load never heal by themselves; Baileys would fail on each message of their owner. */
const unloadable: ReadonlySet<string> = new Set(['session-unreadable', 'session-poison'])

async function setAsideUnloadable(
  host: Host,
  findings: readonly { readonly code: string; readonly file?: string }[],
): Promise<readonly string[]> {
  const names = findings
    .filter(({ code }) => unloadable.has(code))
    .flatMap(({ file }) => (file === undefined ? [] : [file]))
  if (names.length === 0 || host.mode === 'observe') return []
  const entry = await host.store.quarantine({ kind: 'files', names }, 'session files that nothing can load')
  if (!entry) return []
  const addresses = entry.files.map(({ name }) => name.replace(/^session-|\.json$/g, ''))
  host.notify('sessions-pruned', { scope: 'unloadable', addresses, quarantine: entry.id })
  return addresses
}
