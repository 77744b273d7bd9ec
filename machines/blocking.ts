type Kind = 'not-owner' | 'disk'

const toBlocked = (reason: Kind, description: string) =>
  ({ target: '#connection.blocked', actions: { type: 'block', params: { reason } }, description }) as const

/** The problem is of this kind: nothing is dialled and no file is touched until it has ended. */
export const blockedBy = (kind: Kind, description: string) =>
  ({ guard: { type: 'problemIs', params: { kind } }, ...toBlocked(kind, description) }) as const

/** A socket could not open its credentials, whatever the reason: the disk is looked at. */
export const blockedByDisk = (description: string) => ({ guard: 'current', ...toBlocked('disk', description) }) as const

/**
 * The ways out of a service that works on the folder and failed: another process has it, or else it cannot be read or
 * written.
 */
export const blockedOnError = (disk: string) =>
  [blockedBy('not-owner', 'Another process owns the folder.'), toBlocked('disk', disk)] as const
