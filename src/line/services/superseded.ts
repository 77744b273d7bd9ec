import type { AuthStore } from '../../stores/store.ts'

/** Tells of writes before a crash that came to nothing, because another program wrote the same files before this one was back. */
export function tellSuperseded({ superseded = [] }: AuthStore, report: (error: unknown, doing: string) => void): void {
  if (superseded.length === 0) return
  const files = superseded.length === 1 ? '1 file was' : `${superseded.length} files were`
  report(
    new Error(
      `${files} written by another program since; the newer stay, and what was to be written is in the quarantine`,
    ),
    'finishing what was written before a crash',
  )
}
