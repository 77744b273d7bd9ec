import { wrongOption } from '../errors/wrong-option.ts'
import type { Lifeline } from '../line/lifeline.ts'
import type { LendsUrls } from '../line/relink-urls.ts'

/** The part of a line that is shown and acted on: any `Lifeline` has it. */
export type DashboardLine = Pick<
  Lifeline,
  | 'account'
  | 'mode'
  | 'status'
  | 'actor'
  | 'ev'
  | 'on'
  | 'history'
  | 'reconnect'
  | 'prune'
  | 'relink'
  | 'requestPairingCode'
  | 'quarantined'
  | 'restore'
> &
  LendsUrls & {
    /** The live socket, where it is in this process: which versions speak is read from it. */
    readonly socket?: unknown
    /** The host that runs it, where there are several. */
    readonly host?: string | undefined
  }

/** Lines that come and go. */
export interface LineSource {
  /** The lines of the moment, each account once. */
  lines(): Iterable<DashboardLine>
  /**
   * The hosts that the lines name, and how long ago each showed that it lives: the page takes nothing for true that is
   * older than 10 s. Absent where all lines run in this process.
   */
  hosts?(): Iterable<{ readonly host: string; readonly seenAgoMs: number }>
  /** Tells that there are others now. Returns the unsubscribe function. */
  on(event: 'change', listener: () => void): () => void
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isLine = (value: unknown): value is DashboardLine =>
  isObject(value) && 'account' in value && 'status' in value && 'history' in value
const isSource = (value: unknown): value is LineSource =>
  isObject(value) && 'lines' in value && typeof value.lines === 'function' && 'on' in value

/**
 * One line, several, or a source, as a source. Throws `OptionsError` for anything else, and for two lines of one name.
 */
export function sourceOf(lines: DashboardLine | readonly DashboardLine[] | LineSource): LineSource {
  if (isSource(lines)) return lines
  const list: readonly unknown[] = Array.isArray(lines) ? lines : [lines]
  const stray = list.findIndex((line) => !isLine(line))
  if (stray >= 0)
    throw wrongOption(
      Array.isArray(lines) ? `lines[${stray}]` : 'lines',
      list[stray],
      'a line of createLifeline(…), an array of them, or { lines(), on() }',
    )
  const all = list.filter(isLine)
  const names = all.map(({ account }) => account)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    throw wrongOption('lines', lines, 'lines with different accounts', `two lines of the account ${twice}`)
  return { lines: () => all, on: () => () => undefined }
}
