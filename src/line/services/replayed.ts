import type { AuthStore } from '../../stores/store.ts'

const counted = (count: number, one: string): string => (count === 1 ? `1 ${one} was` : `${count} ${one}s were`)

/** Tells of writes before a crash that did not come through as they were. That the others did is nothing to tell. */
export function tellReplayed({ replayed }: AuthStore, report: (error: unknown, doing: string) => void): void {
  const { superseded = [], spoilt = [] } = replayed ?? {}
  const doing = 'finishing what was written before a crash'
  const files = counted(superseded.length, 'file')
  if (superseded.length > 0)
    report(
      new Error(
        `${files} written by another program since; the newer stay, and what was to be written is in the quarantine`,
      ),
      doing,
    )
  if (spoilt.length > 0)
    report(
      new Error(
        `${counted(spoilt.length, 'journal')} damaged, so the last writes may be lost; what can be read counts, and the rest is kept`,
      ),
      doing,
    )
}
