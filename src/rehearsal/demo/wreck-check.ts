import { fileAuthStore } from '../../index.ts'
import { owner } from './cast.ts'
import { identityIn, type Wreck } from './power-cut.ts'
import type { SupervisedStage } from './stage.ts'

/** What the first act promises beyond everybody being read: nothing lost, nobody asked, one connection at a time. */
export async function checkWreck({ cast, folder, claims, record }: SupervisedStage, wreck: Wreck): Promise<void> {
  const entries = await fileAuthStore(folder).quarantined()
  const kept = new Set(entries.flatMap(({ files }) => files.map(({ sha256 }) => sha256)))
  const rest = wreck.files.filter(({ sha256 }) => !kept.has(sha256))
  // A session that loads, and whose contact sends its keys anew, is mended by Baileys where it lies.
  const mended = rest.filter(({ harm, resends }) => harm === 'foreign' && resends)
  claims.hold(
    'What was damaged lies in the quarantine byte for byte, or Baileys mended it in place',
    rest.length === mended.length,
    `${wreck.files.length - rest.length} set aside, ${mended.length} mended, ${rest.length - mended.length} lost`,
  )
  const identity = await identityIn(folder)
  claims.hold('The credentials are still those of the first pairing', identity === wreck.identity, identity.slice(0, 8))
  const asked = record.times('awaitingQr')
  claims.hold('No code was shown, and no person was needed', asked === 0, `awaitingQr ${asked} times`)
  const peak = cast.server.peak(owner)
  claims.hold('The account never had more than one connection', peak === 1, `at most ${peak}`)
}
