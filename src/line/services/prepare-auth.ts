import { fromPromise } from 'xstate'
import type { Prepared, PrepareInput } from '../../../machines/services.ts'
import { AuthStoreError } from '../../errors/errors.ts'
import { repairCreds } from '../../stores/creds-repair.ts'
import { olderForms, renew } from '../../stores/renewal.ts'
import type { Inspection } from '../../stores/store.ts'
import { shutSocket } from './close-socket.ts'
import { setAsideDamaged } from './damaged-sessions.ts'
import { onStore } from './problem.ts'
import { tellReplayed } from './replayed.ts'
import { type Resources, resourcesOf } from './resources.ts'
import { settleWentBack } from './went-back.ts'

/**
 * Inspects and repairs before anything judges whether the account is linked: creds that cannot be read are replaced by
 * the newest good generation, pre-key ids that regressed are raised, session files that nothing can load are set aside.
 */
export const prepareAuth = fromPromise<Prepared, PrepareInput>(({ input, signal, system }) => {
  const resources = resourcesOf(system)
  return onStore(resources, () => prepare(resources, input, signal))
})

async function prepare(resources: Resources, input: PrepareInput, signal: AbortSignal): Promise<Prepared> {
  const { store } = resources
  await shutSocket(resources, resources.policy.reconnect.closeTimeoutMs)
  // The lock may have gone to another process while this one slept; once that one has ended, it is ours again.
  if (!(await store.owned())) {
    await store.acquire()
    tellReplayed(store, resources.report)
    resources.journal.claimed()
  }
  const { firstLook, afterUnclean, ownCreds } = input
  const thorough = firstLook && afterUnclean
  // Who only observes is told what else would be mended, too.
  const isFull = thorough && resources.mode === 'observe'
  const found = await store.inspect({ depth: isFull ? 'full' : 'creds' })
  signal.throwIfAborted()

  if (firstLook) tellModes(resources, found.findings)
  const interrupted = found.findings.some(({ code }) => code === 'promotion-unfinished')
  if (interrupted) {
    await store.promoteStaging('finishing what was interrupted')
    return prepare(resources, input, signal)
  }
  await settleWentBack(resources, found.creds.kind === 'present' && found.linked)
  if (found.creds.kind === 'unreadable') return rescue(resources, found.creds.why)
  if (!(ownCreds && found.linked) && (await store.stagingPaired()))
    return { link: 'staged', reason: found.linked ? 'asked' : 'never-linked' }
  if (!found.linked) return { link: 'unlinked', reason: 'never-linked' }
  await mendCreds(resources, found)
  if (thorough) await setAsideDamaged(resources)
  if (firstLook) await renewForms(resources, found)
  if (firstLook && resources.mode === 'heal') await trim(resources)
  return { link: 'linked', reason: 'never-linked' }
}

/**
 * Who else may read or change the credentials: told at each start, since only their owner can say whether it is
 * meant.
 */
function tellModes({ report }: Resources, findings: Findings): void {
  const wide = findings.find(({ code }) => code === 'permissions-wide')
  if (wide) report(new Error(`${wide.message}; lifeline doctor --fix closes it`), 'looking at the permissions')
}

async function rescue(resources: Resources, why: string): Promise<Prepared> {
  const { store } = resources
  const lost = async (): Promise<Prepared> => {
    const staged = await store.stagingPaired()
    return { link: staged ? 'staged' : 'unlinked', reason: 'creds-lost' }
  }
  if (resources.mode === 'observe') {
    resources.journal.would('credentials-restored', undefined, `creds.json cannot be used: ${why}`)
    return lost()
  }
  const restored = await store.restoreCreds(`creds.json cannot be used: ${why}`)
  if (!restored) return lost()
  await store.repairPreKeys({ force: true })
  resources.notify('credentials-restored', { why, savedAt: restored.savedAt })
  return { link: 'linked', reason: 'never-linked' }
}

type Findings = readonly { readonly code: string; readonly file?: string; readonly message: string }[]

const regressed = 'the next pre-key id was below ids that are in use'

/**
 * What arithmetic can repair in the credentials is repaired before Baileys reads them: of some fields it would end the
 * process.
 */
async function mendCreds({ mode, store, journal }: Resources, { creds, findings }: Inspection): Promise<void> {
  const fields = creds.kind === 'present' ? (repairCreds(creds.value, [])?.fields ?? []) : []
  const [act, why] =
    fields.length > 0
      ? (['credentials-mended', `Baileys could not have worked with ${fields.join(', ')}`] as const)
      : (['pre-keys-raised', regressed] as const)
  if (mode === 'heal') {
    if (await mended(store)) journal.act(act, undefined, why)
  } else if (fields.length > 0 || findings.some(({ code }) => code === 'pre-key-regressed'))
    journal.would(act, undefined, why)
}

/** While a write that was never answered may still be stored nothing is mended: the next start does it. */
async function mended(store: Resources['store']): Promise<boolean> {
  try {
    return await store.repairPreKeys()
  } catch (error) {
    if (error instanceof AuthStoreError && error.code === 'AUTH_STORE_OPEN') return false
    throw error
  }
}

/**
 * An account that was exported, or went through an editor, is written in the form that Baileys alone reads, too: all of
 * it as soon as its creds.json is of another.
 */
async function renewForms({ mode, store, report }: Resources, found: Inspection): Promise<void> {
  if (mode === 'observe' || olderForms(found.findings).length === 0) return
  try {
    const { findings } = await store.inspect()
    await renew(store, olderForms(findings))
  } catch (error) {
    report(error, 'writing an older form of the account anew')
  }
}

/**
 * What was set aside is kept for as long, and as much of it, as the policy says. Trouble with that must not hold up the
 * connection.
 */
async function trim({ store, policy, report }: Resources): Promise<void> {
  try {
    await store.trimQuarantine(policy.quarantine)
  } catch (error) {
    report(error, 'trimming the quarantine')
  }
}
