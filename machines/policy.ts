import { type NumberThreshold, type Threshold, thresholds } from './thresholds.ts'

type Thresholds = typeof thresholds

/** A value for every threshold. Times are milliseconds. */
export type Policy = {
  readonly [G in keyof Thresholds]: {
    readonly [K in keyof Thresholds[G]]: Thresholds[G][K] extends { readonly usual: infer Value } ? Value : never
  }
}

/** Deep partial of {@link Policy}, as options take it. */
export type PolicyOptions = {
  readonly [G in keyof Policy]?: { readonly [K in keyof Policy[G]]?: Policy[G][K] | undefined } | undefined
}

/** What is wrong with an option: where it stands, what came, what is allowed. */
export interface PolicyIssue {
  /** Dotted path below `policy`, e.g. `reconnect.initialMs`. */
  readonly path: string
  /** The value that was given. */
  readonly received: unknown
  /** What is allowed, in words. */
  readonly allowed: string
}

type Groups<Value> = Record<string, Record<string, Value>>
const rows: Readonly<Groups<Threshold>> = thresholds

const usual = (): Groups<unknown> =>
  Object.fromEntries(
    Object.entries(rows).map(([group, fields]) => [
      group,
      Object.fromEntries(Object.entries(fields).map(([key, row]) => [key, row.usual])),
    ]),
  )

/** What holds when nobody chooses. */
export const defaultPolicy = usual() as unknown as Policy

/** What a threshold may be, in words. */
const allowedWords: Readonly<Record<NumberThreshold['unit'], string>> = {
  ms: 'milliseconds',
  count: 'a whole number',
  bytes: 'a whole number',
  number: 'a number',
}

const allowed = (row: Threshold): string =>
  row.unit === 'word' ? `one of ${row.of.join(', ')}` : `${allowedWords[row.unit]}, ${row.min} to ${row.max}`

const fits = (row: Threshold, value: unknown): boolean => {
  if (row.unit === 'word') return typeof value === 'string' && row.of.includes(value)
  if (typeof value !== 'number' || !Number.isFinite(value) || value < row.min || value > row.max) return false
  return (row.unit !== 'count' && row.unit !== 'bytes') || Number.isInteger(value)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lays options over the defaults. Lists every issue, not just the first. A policy with issues is not to be used. */
export function resolvePolicy(options: unknown = {}): {
  readonly policy: Policy
  readonly issues: readonly PolicyIssue[]
} {
  const issues: PolicyIssue[] = []
  const groups = usual()
  const allowedGroups = `an object with ${Object.keys(rows).join(', ')}`
  if (!isRecord(options)) issues.push({ path: '', received: options, allowed: allowedGroups })
  else for (const [group, given] of Object.entries(options)) overlay(group, given, groups, issues, allowedGroups)
  if (issues.length === 0) issues.push(...disorder(groups))
  return { policy: groups as unknown as Policy, issues }
}

/** Thresholds that exceed another one that they may not exceed. */
function disorder(groups: Readonly<Groups<unknown>>): readonly PolicyIssue[] {
  return Object.entries(rows).flatMap(([group, fields]) =>
    Object.entries(fields).flatMap(([key, row]) => {
      const high = row.unit === 'word' ? undefined : row.notAbove
      if (high === undefined) return []
      const [highGroup = '', highKey = ''] = high.split('.')
      const [value, limit] = [groups[group]?.[key], groups[highGroup]?.[highKey]]
      if (Number(value) <= Number(limit)) return []
      return [{ path: `${group}.${key}`, received: value, allowed: `at most policy.${high}, which is ${limit}` }]
    }),
  )
}

function overlay(
  group: string,
  given: unknown,
  groups: Groups<unknown>,
  issues: PolicyIssue[],
  allowedGroups: string,
): void {
  const fields = Object.hasOwn(rows, group) ? rows[group] : undefined
  const target = groups[group]
  if (!fields || !target) {
    issues.push({ path: group, received: given, allowed: allowedGroups })
    return
  }
  if (given === undefined) return
  if (!isRecord(given)) {
    issues.push({ path: group, received: given, allowed: `an object with ${Object.keys(fields).join(', ')}` })
    return
  }
  for (const [key, value] of Object.entries(given)) {
    const row = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (!row)
      issues.push({ path: `${group}.${key}`, received: value, allowed: `one of ${Object.keys(fields).join(', ')}` })
    else if (value === undefined) continue
    else if (!fits(row, value)) issues.push({ path: `${group}.${key}`, received: value, allowed: allowed(row) })
    else target[key] = value
  }
}
