import type { Command } from 'commander'
import { type Threshold, thresholds } from '../../machines/thresholds.ts'
import { hang } from './columns.ts'

/** A threshold in words. */
export interface ToldThreshold {
  /** As in `reconnect.maxMs`. */
  readonly path: string
  /** What holds when nobody chooses: `30 s`. */
  readonly usual: string
  /** What it may be: `1 to 10`. */
  readonly allowed: string
  readonly says: string
}

const units = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const
const mebibyte = 1024 * 1024

/** `2 s`, `10 min`, `24 h`. */
const msWords = (ms: number): string => {
  const [size, unit] = units.find(([size]) => ms > 0 && ms % size === 0) ?? [1, 'ms']
  return `${ms / size} ${unit}`
}

function usualWords(row: Threshold): string {
  if (row.unit === 'ms') return msWords(row.usual)
  return row.unit === 'bytes' ? `${row.usual / mebibyte} MiB` : String(row.usual)
}

function allowedWords(row: Threshold): string {
  if (row.unit === 'word') return row.of.join(', ')
  const open = row.max >= 1_000_000
  const unit = { ms: ' ms', bytes: ' bytes', count: '', number: '' }[row.unit]
  const range = open ? `from ${row.min}${unit}` : `${row.min} to ${row.max}`
  return row.notAbove === undefined ? range : `${range}, at most ${row.notAbove}`
}

export const toldThresholds: readonly ToldThreshold[] = Object.entries<Readonly<Record<string, Threshold>>>(
  thresholds,
).flatMap(([group, rows]) =>
  Object.entries(rows).map(([key, row]) => ({
    path: `${group}.${key}`,
    usual: usualWords(row),
    allowed: allowedWords(row),
    says: row.says,
  })),
)

const pathWidth = Math.max(...toldThresholds.map(({ path }) => path.length)) + 2

/** Lists the thresholds under a command's help. */
export function withThresholds(command: Command): Command {
  return command.addHelpText('after', () => {
    const width = Math.min(process.stdout.columns || 80, 120)
    const rows = toldThresholds.flatMap(({ path, usual, says }) =>
      hang(`  ${path.padEnd(pathWidth)}`, `${says} Default ${usual}.`, width, pathWidth + 2),
    )
    return [
      '',
      'Thresholds, for the file of --policy. Times are in milliseconds:',
      '  {"reconnect":{"maxMs":60000}}',
      ...rows,
    ].join('\n')
  })
}
