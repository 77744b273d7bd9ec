import { fromPromise } from 'xstate'
import type { Prepared } from '../../../machines/services.ts'
import { repairCreds } from '../../stores/creds-repair.ts'
import type { Inspection } from '../../stores/store.ts'
import { shutSocket } from './close-socket.ts'
import { type Host, hostOf } from './host.ts'
import { onStore } from './problem.ts'
import { tellReplayed } from './replayed.ts'

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
  await shutSocket(host, host.policy.reconnect.closeTimeoutMs)
  // The lock may have gone to another process while this one slept; once that one has ended, it is ours again.
  if (!(await store.owned())) {
    await store.acquire()
    tellReplayed(store, host.report)
  }
  const thorough = host.fresh && host.afterUnclean
  const found = await store.inspect({ depth: thorough ? 'full' : 'creds' })
  signal.throwIfAborted()

  const interrupted = found.findings.some(({ code }) => code === 'promotion-unfinished')
  if (interrupted) {
    await store.promoteStaging('finishing what was interrupted')
    return prepare(host, signal)
  }
  if (found.creds.kind === 'unreadable') return rescue(host, found.creds.why)
  if (!(host.ownCreds && found.linked) && (await store.stagingPaired()))
    return { link: 'staged', reason: found.linked ? 'asked' : 'never-linked', setAside: [] }
  if (!found.linked) return { link: 'unlinked', reason: 'never-linked', setAside: [] }
  await mendCreds(host, found)
  const setAside = thorough ? await setAsideUnloadable(host, found.findings) : []
  if (host.fresh && host.mode === 'heal') await trim(host)
  host.fresh = false
  return { link: 'linked', reason: 'never-linked', setAside }
}

async function rescue(host: Host, why: string): Promise<Prepared> {
  const { store } = host
  const lost = async (): Promise<Prepared> => {
    const staged = await store.stagingPaired()
    return { link: staged ? 'staged' : 'unlinked', reason: 'creds-lost', setAside: [] }
  }
  if (host.mode === 'observe') {
    host.journal.would('credentials-restored', undefined, `creds.json cannot be used: ${why}`)
    return lost()
  }
  const restored = await store.restoreCreds(`creds.json cannot be used: ${why}`)
  if (!restored) return lost()
  await store.repairPreKeys({ force: true })
  host.notify('credentials-restored', { why, savedAt: restored.savedAt })
  return { link: 'linked', reason: 'never-linked', restoredFrom: restored.savedAt, setAside: [] }
}

type Findings = readonly { readonly code: string; readonly file?: string }[]

const regressed = 'the next pre-key id was below ids that are in use'

/** What arithmetic can repair in the credentials is repaired before Baileys reads them: of some fields it would end the process. */
async function mendCreds({ mode, store, journal }: Host, { creds, findings }: Inspection): Promise<void> {
  const fields = creds.kind === 'present' ? (repairCreds(creds.value, [])?.fields ?? []) : []
  const [act, why] =
    fields.length > 0
      ? (['credentials-mended', `Baileys could not have worked with ${fields.join(', ')}`] as const)
      : (['pre-keys-raised', regressed] as const)
  if (mode === 'heal') {
    if (await store.repairPreKeys()) journal.act(act, undefined, why)
  } else if (fields.length > 0 || findings.some(({ code }) => code === 'pre-key-regressed'))
    journal.would(act, undefined, why)
}

/** What was set aside is kept for as long, and as much of it, as the policy says. Trouble with that must not hold up the connection. */
async function trim({ store, policy, report }: Host): Promise<void> {
  try {
    await store.trimQuarantine(policy.quarantine)
  } catch (error) {
    report(error, 'trimming the quarantine')
  }
}

/**
 * What a torn disk leaves in the place of sessions: what libsignal cannot load never heals by itself, and what is no JSON at all Baileys would write over,
 * with nothing left to look at.
 */
const unloadable: ReadonlySet<string> = new Set(['session-poison', 'file-unreadable'])

async function setAsideUnloadable(host: Host, findings: Findings): Promise<readonly string[]> {
  const names = findings
    .filter(({ code }) => unloadable.has(code))
    .flatMap(({ file }) => (file?.startsWith('session-') ? [file] : []))
  if (names.length === 0) return []
  if (host.mode === 'observe') {
    host.journal.would('sessions-set-aside', names.length, 'nothing can load their files')
    return []
  }
  const entry = await host.store.quarantine({ kind: 'files', names }, 'session files that nothing can load')
  if (!entry) return []
  const addresses = entry.files.map(({ name }) => name.replace(/^session-|\.json$/g, ''))
  host.notify('sessions-pruned', { scope: 'unloadable', addresses, quarantine: entry.id })
  return addresses
}
