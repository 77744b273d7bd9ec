import { expect, test } from 'vitest'
import type { IncidentCause } from '../../../src/history/incidents/fold.ts'
import { isSameTrouble } from '../../../src/history/incidents/kinds.ts'

test.each<[IncidentCause, IncidentCause, boolean]>([
  ['closed', 'link-lost', true],
  ['degraded', 'pruningSessions', true],
  ['closed', 'degraded', false],
  ['degraded', 'closed', false],
  ['logged-out', 'awaitingQr', false],
  ['unclean-end', 'degraded', true],
  ['unclean-end', 'replaced', false],
  ['unclean-end', 'restart-required', false],
  ['unclean-end', 'unclean-end', false],
  ['unclean-end', 'closed', false],
])('trouble by %s that is followed at once by %s is the same: %s', (before, next, same) => {
  const [first, second] = [before, next].map((cause) => ({ cause }) as never) as [never, never]
  expect(isSameTrouble(first, second)).toBe(same)
})
