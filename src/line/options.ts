import type { InspectionEvent } from 'xstate'
import { type Policy, type PolicyOptions, resolvePolicy } from '../../machines/index.ts'
import type { OwnersLogger } from '../baileys/logger-tap.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import { OptionsError } from '../errors/errors.ts'
import { shape, wrongOption } from '../errors/wrong-option.ts'
import type { Language } from '../languages/language.ts'
import { languageOption } from '../languages/language-option.ts'
import type { Notifier } from '../notices/notifier.ts'
import { accountName } from '../stores/account-name.ts'
import { fileAuthStore } from '../stores/folder/file-store.ts'
import { isBareState, whatStateLacks } from '../stores/rows/bare-state.ts'
import type { AuthStore } from '../stores/store.ts'
import { phoneDigits } from './phone-digits.ts'
import type { ConnectOptions } from './services/connect-options.ts'

/** Options of `createLifeline`. */
export interface LifelineOptions<S extends BaileysSocket = BaileysSocket> {
  /** A name for logs, notices and metrics. Default `default`. */
  readonly account?: string
  /** A folder in Baileys' multi-file layout, or a store. */
  readonly auth: string | AuthStore
  /**
   * Makes one socket:
   * `({ auth, logger, getMessage, caches }) => makeWASocket({ auth, logger, getMessage, ...caches })`. Called anew for
   * each connection; may be async. Return the socket as soon as it is made: what it tells before that, its opening
   * included, is heard by nobody.
   */
  readonly connect: (options: ConnectOptions) => S | Promise<S>
  /** pino, or anything with its methods. Default: silent. */
  readonly logger?: OwnersLogger
  /** Deep partial of the thresholds; see `defaultPolicy`. */
  readonly policy?: PolicyOptions
  /** Channels that are told what happened. Default none. */
  readonly notify?: readonly Notifier[] | Notifier
  /**
   * The language that notices are in: `en`, `de`, `es`, `pt-BR`, `id` or `hi`. `status.message` and the history stay
   * English. Default `en`.
   */
  readonly language?: Language
  /** `heal` acts; `observe` says what it would do and touches no credentials or session file. Default `heal`. */
  readonly mode?: 'heal' | 'observe'
  /**
   * The one number that may scan, with its country code, e.g. `+49 170 1234567`. A scan by another number is undone:
   * its device is logged out again, the staged credentials go to the quarantine, the owner is told, and a fresh code is
   * shown. Default: every number may. Says nothing of an account that is linked already.
   */
  readonly expectedNumber?: string
  /**
   * Whether `start()` waits, in the state `blocked`, for a lock whose owner cannot be seen from here: a container that
   * was killed, a host that lost its power. Its `nextAttemptAt` says when the lock is free if that one is gone. With
   * `false`, `start()` rejects, as it always does while an owner is known to live. Default true.
   */
  readonly waitForLock?: boolean
  /** XState's inspection events of this account's actor, e.g. for the Stately inspector. */
  readonly inspect?: (event: InspectionEvent) => void
}

export interface CheckedOptions<S extends BaileysSocket> {
  readonly account: string
  readonly store: AuthStore
  readonly connect: (options: ConnectOptions) => S | Promise<S>
  readonly logger: OwnersLogger
  readonly policy: Policy
  readonly notifiers: readonly Notifier[]
  readonly language: Language
  readonly mode: 'heal' | 'observe'
  readonly expectedNumber: string | undefined
  readonly waitForLock: boolean
  readonly inspect: ((event: InspectionEvent) => void) | undefined
}

const silent: OwnersLogger = {
  level: 'silent',
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

const known = [
  'account',
  'auth',
  'connect',
  'logger',
  'policy',
  'notify',
  'language',
  'mode',
  'expectedNumber',
  'waitForLock',
  'inspect',
]
const storeMethods: readonly (keyof AuthStore)[] = [
  ...(['acquire', 'owned', 'release', 'open', 'inspect', 'quarantine', 'copyAside', 'quarantined', 'restore'] as const),
  ...(['trimQuarantine', 'restoreCreds', 'repairPreKeys', 'openStaging', 'stagingPaired', 'resumeStaging'] as const),
  ...(['promoteStaging', 'readFacts', 'writeFacts', 'appendHistory', 'readHistory'] as const),
]

const has = (value: unknown, names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function')

const allowedNotifiers = 'a function, a channel such as webhook(…), or an array of them'
const isNotifier = (value: unknown): value is Notifier =>
  typeof value === 'function' || (has(value, ['open']) && typeof Reflect.get(value as object, 'name') === 'string')

/**
 * Checks everything before anything starts. Throws `OptionsError` with the path of the option, what came and what is
 * allowed.
 */
export function checkOptions<S extends BaileysSocket>(options: LifelineOptions<S>): CheckedOptions<S> {
  const given: unknown = options
  if (typeof given !== 'object' || given === null)
    throw wrongOption('options', given, 'an object with auth and connect')
  const stray = Object.keys(given).find((key) => !known.includes(key))
  if (stray !== undefined)
    throw new OptionsError(stray, `There is no option ${stray}.`, `Known options are ${known.join(', ')}.`)
  const {
    account = 'default',
    auth,
    connect,
    logger = silent,
    notify = [],
    language = 'en',
    mode = 'heal',
    waitForLock = true,
    inspect,
  } = options
  accountName('account', account)
  if (typeof connect !== 'function') throw wrongOption('connect', connect, 'a function that returns makeWASocket(…)')
  if (!has(logger, ['trace', 'debug', 'info', 'warn', 'error']))
    throw wrongOption('logger', logger, 'a pino logger, or an object with trace, debug, info, warn and error')
  const notifiers: readonly unknown[] = Array.isArray(notify) ? notify : [notify]
  notifiers.forEach((one, index) => {
    if (!isNotifier(one))
      throw wrongOption(Array.isArray(notify) ? `notify[${index}]` : 'notify', one, allowedNotifiers)
  })
  if (mode !== 'heal' && mode !== 'observe') throw wrongOption('mode', mode, "'heal' or 'observe'")
  if (inspect !== undefined && typeof inspect !== 'function') throw wrongOption('inspect', inspect, 'a function')
  if (typeof waitForLock !== 'boolean') throw wrongOption('waitForLock', waitForLock, 'true or false')
  const policy = checkPolicy(options.policy)
  return {
    account,
    store: storeOf(auth),
    connect,
    logger,
    policy,
    notifiers: notifiers.filter(isNotifier),
    language: languageOption('language', language),
    mode,
    expectedNumber: numberOption(options.expectedNumber),
    waitForLock,
    inspect,
  }
}

function numberOption(given: unknown): string | undefined {
  if (given === undefined) return undefined
  const digits = typeof given === 'string' ? phoneDigits(given) : undefined
  if (digits === undefined)
    throw wrongOption('expectedNumber', given, 'a phone number with its country code, e.g. 4917012345678')
  return digits
}

/** Of the account before: hundreds in one process mostly have one policy. */
let latest: { readonly policy: Policy; readonly text: string } | undefined

/** The same object as the account before has, if it says the same. */
function sharedPolicy(policy: Policy): Policy {
  const text = JSON.stringify(policy)
  if (latest?.text !== text) latest = { policy, text }
  return latest.policy
}

function checkPolicy(given: unknown): Policy {
  const { policy, issues } = resolvePolicy(given ?? {})
  const [issue] = issues
  if (!issue) return sharedPolicy(policy)
  const path = issue.path === '' ? 'policy' : `policy.${issue.path}`
  const more =
    issues.length > 1
      ? ` ${issues.length - 1} more: ${issues
          .slice(1)
          .map((one) => `policy.${one.path}`)
          .join(', ')}.`
      : ''
  const received = typeof issue.received === 'string' ? `'${issue.received.slice(0, 40)}'` : shape(issue.received)
  throw new OptionsError(
    path,
    `The option ${path} is ${received}; allowed is ${issue.allowed}.${more}`,
    `Give ${path} ${issue.allowed}.`,
  )
}

function storeOf(auth: unknown): AuthStore {
  if (typeof auth === 'string' && auth.length > 0 && !auth.includes('\0')) return fileAuthStore(auth)
  if (has(auth, storeMethods)) return auth as AuthStore
  if (isBareState(auth)) throw whatStateLacks('auth')
  throw wrongOption('auth', auth, 'the path of a folder, or an AuthStore such as fileAuthStore(folder)')
}
