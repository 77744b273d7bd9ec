import { OptionsError } from '../../errors/errors.ts'
import { knownOptions, wrongOption } from '../../errors/wrong-option.ts'
import type { BaileysParts } from '../codec.ts'
import { Ownership } from '../ownership.ts'
import type { AuthStore } from '../store.ts'
import { isBareState, whatStateLacks } from './bare-state.ts'
import { DeclaredLock, type RowLock } from './row-lock.ts'
import { RowStore } from './row-store.ts'
import type { Rows } from './rows.ts'

/** Options of `rowAuthStore`. */
export interface RowAuthStoreOptions {
  /** The rows of one account. */
  readonly rows: Rows
  /** Who may use them. Default: this process, by declaration; the status of a conflict says so. */
  readonly lock?: RowLock
  /** For logs and messages. Default `rows`. */
  readonly location?: string
  /** Where Baileys comes from; default: the one that is installed, under either of its names. */
  readonly baileys?: () => Promise<BaileysParts>
  /** Epoch milliseconds; default: `Date.now`. */
  readonly now?: () => number
}

const rowMethods = ['read', 'names', 'commit', 'claim', 'reading', 'close'] as const
const lockMethods = ['acquire', 'owned', 'release'] as const

/**
 * Credentials and keys in whatever keeps rows. Throws `OptionsError` with what is missing, a state of `{ creds, keys }`
 * among it: that cannot list what it keeps, so nothing in it could be found, set aside or put back.
 */
export function rowAuthStore(options: RowAuthStoreOptions): AuthStore {
  knownOptions('rowAuthStore', options, ['rows', 'lock', 'location', 'baileys', 'now'])
  const { rows, location = 'rows', baileys, now } = options
  if (isBareState(rows)) throw whatStateLacks('rows')
  const missing = rowMethods.filter((name) => !hasMethod(rows, name))
  if (missing.length > 0)
    throw new OptionsError(
      'rows',
      `These rows have no ${missing.join(', ')}. Nothing was started.`,
      `Rows have ${rowMethods.join(', ')}; testRows of baileys-lifeline/rows says what each has to do.`,
    )
  if (options.lock !== undefined && !lockMethods.every((name) => hasMethod(options.lock, name)))
    throw wrongOption('lock', options.lock, `an object with held, ${lockMethods.join(', ')}`)
  const ownership = new Ownership(location, options.lock ?? new DeclaredLock(rows, location))
  const store = new RowStore({ location, rows, ownership, prepare: async () => undefined, baileys, now })
  return options.lock === undefined ? Object.assign(store, { declared: true as const }) : store
}

const hasMethod = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'
