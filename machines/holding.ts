type Kind = 'not-owner' | 'disk'

const held = (reason: Kind, description: string) =>
  ({ target: '#connection.blocked', actions: { type: 'hold', params: { reason } }, description }) as const

/** The problem is of this kind: nothing is dialled and no file is touched until it has ended. */
export const heldFor = (kind: Kind, description: string) =>
  ({ guard: { type: 'problemIs', params: { kind } }, ...held(kind, description) }) as const

/** A socket could not open its credentials, whatever the reason: the disk is looked at. */
export const heldForDisk = (description: string) => ({ guard: 'current', ...held('disk', description) }) as const

/** The ways out of a service that works on the folder and failed: another process has it, or else it cannot be read or written. */
export const heldOnError = (disk: string) =>
  [heldFor('not-owner', 'Another process owns the folder.'), held('disk', disk)] as const
