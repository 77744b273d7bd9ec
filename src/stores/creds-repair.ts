import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import { hasRegressed, isPreKeyId, withRepairedPreKeys } from './pre-keys.ts'

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0
const isText = (value: unknown): boolean => typeof value === 'string'
const isAbsent = (value: unknown): boolean => value === undefined || value === null

/**
 * A field that Baileys works with and the account can do without: whether it can be used as it is, and what stands in
 * its place if not.
 */
interface Row {
  readonly field: string
  readonly holds: (value: unknown) => boolean
  /** Undefined: the field goes, and the server or Baileys brings it again. */
  readonly instead: unknown
}

/**
 * Baileys 6 and 7 calculate with these, or pass them on as they are: of the wrong type they end the login or the
 * process.
 */
const rows: readonly Row[] = [
  { field: 'routingInfo', holds: (value) => isAbsent(value) || value instanceof Uint8Array, instead: undefined },
  { field: 'accountSyncCounter', holds: (value) => isAbsent(value) || isCount(value), instead: 0 },
  { field: 'lastAccountSyncTimestamp', holds: (value) => isAbsent(value) || isCount(value), instead: undefined },
  { field: 'processedHistoryMessages', holds: (value) => isAbsent(value) || Array.isArray(value), instead: [] },
  { field: 'accountSettings', holds: isFields, instead: { unarchiveChats: false } },
  { field: 'signalIdentities', holds: (value) => isAbsent(value) || Array.isArray(value), instead: undefined },
  { field: 'myAppStateKeyId', holds: (value) => isAbsent(value) || isText(value), instead: undefined },
  { field: 'lastPropHash', holds: (value) => isAbsent(value) || isText(value), instead: undefined },
  { field: 'pairingCode', holds: (value) => isAbsent(value) || isText(value), instead: undefined },
]

export interface CredsRepair {
  readonly creds: AuthenticationCreds
  /** The fields that got another value. */
  readonly fields: readonly string[]
}

/**
 * Credentials that Baileys can work with, where arithmetic or an empty value can make them so; undefined if nothing
 * needs it. `ids` are those of stored pre-keys. With `force` the numbering of pre-keys goes on past them in any case:
 * the credentials come from a backup.
 */
export function repairCreds(
  creds: AuthenticationCreds,
  ids: readonly number[],
  force = false,
): CredsRepair | undefined {
  const numbered = repairNumbering(creds, ids, force)
  const broken = rows.filter(({ field, holds }) => !holds(Reflect.get(creds, field)))
  if (!numbered && broken.length === 0) return undefined
  const repaired: AuthenticationCreds = { ...(numbered?.creds ?? creds) }
  for (const { field, instead } of broken) {
    if (instead === undefined) Reflect.deleteProperty(repaired, field)
    else Object.assign(repaired, { [field]: structuredClone(instead) })
  }
  return { creds: repaired, fields: [...(numbered?.fields ?? []), ...broken.map(({ field }) => field)] }
}

function repairNumbering(creds: AuthenticationCreds, ids: readonly number[], force: boolean): CredsRepair | undefined {
  const { nextPreKeyId: next, firstUnuploadedPreKeyId: first } = creds
  if (force || hasRegressed(next, ids))
    return { creds: withRepairedPreKeys(creds, ids), fields: ['nextPreKeyId', 'firstUnuploadedPreKeyId'] }
  if (isPreKeyId(first) && first <= next) return undefined
  // Which of them are not uploaded is not known any more: none of them is, from here on.
  return { creds: { ...creds, firstUnuploadedPreKeyId: next }, fields: ['firstUnuploadedPreKeyId'] }
}
