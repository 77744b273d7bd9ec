import { type Budget, type CauseKind, type CloseCause, causeKinds, type Facts } from '../../machines/index.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** Whether it is written to JSON as it was read: a zero below zero, which JSON can hold, is not. */
const isNumber = (value: unknown): value is number => Number.isFinite(value) && !Object.is(value, -0)
const isTime = (value: unknown): value is number => isNumber(value) && value >= 0
const isCount = (value: unknown): value is number => isTime(value) && Number.isInteger(value)
const times = (value: unknown): number[] => (Array.isArray(value) ? value.filter(isTime) : [])
const countOf = (value: unknown): number => (isCount(value) ? value : 0)

function budgetOf(value: unknown): Budget {
  if (!isFields(value)) return { addresses: {}, all: [] }
  const addresses = isFields(value.addresses) ? Object.entries(value.addresses) : []
  return {
    addresses: Object.fromEntries(addresses.map(([address, at]) => [address, times(at)])),
    all: times(value.all),
  }
}

function closeOf(value: unknown): Facts['closes'] {
  if (!isFields(value) || !isTime(value.at) || !isFields(value.cause)) return []
  const { kind, code, message, detail, expiresInMs } = value.cause
  const known = kindOf(kind)
  if (known === undefined) return []
  const cause: CloseCause = {
    kind: known,
    message: typeof message === 'string' ? message.slice(0, 200) : '',
    ...(isNumber(code) ? { code } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(isTime(expiresInMs) ? { expiresInMs } : {}),
  }
  return [{ at: value.at, cause }]
}

const kindOf = (value: unknown): CauseKind | undefined => causeKinds.find((one) => one === value)

function dropOf(value: unknown): NonNullable<Facts['drops']> {
  if (!isFields(value) || !isTime(value.at)) return []
  const kind = kindOf(value.kind)
  return kind === undefined ? [] : [{ at: value.at, kind }]
}

function instabilityOf(value: unknown): Pick<Facts, 'unstable'> {
  if (!isFields(value) || !isTime(value.since) || !isCount(value.closes)) return {}
  const kind = kindOf(value.kind)
  return kind === undefined ? {} : { unstable: { since: value.since, kind, closes: value.closes } }
}

/**
 * The facts of an earlier run, as far as they can be used: whatever was written over the file, what comes out is
 * well-formed. Undefined if it is none of ours, which counts as an unclean end.
 */
export function parseFacts(value: unknown): Facts | undefined {
  if (!isFields(value) || value.version !== 1 || !isTime(value.savedAt)) return undefined
  return {
    version: 1,
    savedAt: value.savedAt,
    attempt: countOf(value.attempt),
    restartRun: countOf(value.restartRun),
    budget: budgetOf(value.budget),
    conflicts: times(value.conflicts),
    ...(isTime(value.heldUntil) ? { heldUntil: value.heldUntil } : {}),
    closes: Array.isArray(value.closes) ? value.closes.flatMap(closeOf) : [],
    ...(Array.isArray(value.drops) ? { drops: value.drops.flatMap(dropOf) } : {}),
    ...instabilityOf(value.unstable),
    clean: value.clean === true,
  }
}
