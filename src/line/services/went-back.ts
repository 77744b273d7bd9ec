import type { AuthStore, WentBack } from '../../stores/store.ts'
import type { Resources } from './resources.ts'

const addressOf = (name: string): string => name.replace(/^session-|\.json$/g, '')

/**
 * An account of which some rows are of an earlier time: its sessions of since then fit what no contact has any more,
 * and pre-keys are not given twice. As after a restored backup, but before a message fails.
 */
export async function settleWentBack(resources: Resources, mayRepair: boolean): Promise<void> {
  const { store, report } = resources
  const { wentBack } = store
  if (!wentBack) return
  const heals = resources.mode === 'heal'
  report(new Error(wentBack.words), 'looking for rows of an earlier time')
  if (heals) await setAside(resources, store, wentBack)
  else resources.journal.would('sessions-set-aside', wentBack.sessions?.length, wentBack.words)
  if (heals && mayRepair && (await store.repairPreKeys({ force: true })))
    resources.journal.act('pre-keys-raised', undefined, wentBack.words)
  store.wentBackSettled?.(heals)
}

async function setAside({ notify }: Resources, store: AuthStore, { sessions, words }: WentBack): Promise<void> {
  const which = sessions ? ({ kind: 'files', names: sessions } as const) : ({ kind: 'all-sessions' } as const)
  const entry = await store.quarantine(which, words)
  if (!entry) return
  const addresses = entry.files.map(({ name }) => addressOf(name))
  notify('sessions-pruned', { scope: 'went-back', why: words, addresses, quarantine: entry.id })
}
