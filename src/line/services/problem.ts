import type { AuthProblem } from '../../../machines/index.ts'
import { AuthStoreError, type AuthStoreErrorCode, LifelineError, LockedError } from '../../errors/errors.ts'
import { wordsOf } from '../../errors/thrown.ts'
import { errnoOf } from '../../stores/disk/file-system.ts'
import type { AuthStore } from '../../stores/store.ts'
import type { Resources } from './resources.ts'

const kinds: Readonly<Partial<Record<AuthStoreErrorCode, AuthProblem['kind']>>> = {
  AUTH_STORE_NOT_OWNED: 'not-owner',
  AUTH_STORE_LOCKED: 'not-owner',
  AUTH_STORE_CREDS_UNREADABLE: 'creds',
  AUTH_STORE_CREDS_ABSENT: 'creds',
}

/** What keeps the credentials from being used, in the machine's words. */
export function problemFrom(error: unknown): AuthProblem {
  if (error instanceof AuthStoreError && error.code === 'AUTH_STORE_GONE') return vanished
  const kind = error instanceof AuthStoreError ? (kinds[error.code] ?? 'disk') : 'disk'
  const freeAt = error instanceof LockedError ? error.freeAt : undefined
  const remediation = error instanceof LifelineError ? error.remediation : undefined
  return {
    kind,
    message: wordsOf(error),
    ...(freeAt === undefined ? {} : { freeAt }),
    ...(kind === 'disk' && !isOfMedium(error)
      ? { other: true, ...(remediation === undefined ? {} : { remediation }) }
      : {}),
  }
}

/** The medium itself failed. A package that is missing, or a mistake in an owner's store, is none of its doing. */
const isOfMedium = (error: unknown): boolean =>
  error instanceof AuthStoreError
    ? error.code === 'AUTH_STORE_DISK' || error.code === 'AUTH_STORE_FOLDER'
    : /^E(?!RR_)[A-Z0-9]+$/.test(errnoOf(error) ?? '')

const vanished: AuthProblem = { kind: 'disk', gone: true, message: 'the account is no longer in its place' }

/** Why a store is not this owner's any more: another has it, or nobody can. */
export async function problemOfLoss(store: Pick<AuthStore, 'gone'>): Promise<AuthProblem> {
  return (await store.gone?.().catch(() => false)) ? vanished : takenOver
}

/** Another owner has the account now, although this one had not let go of it. */
const takenOver: AuthProblem = {
  kind: 'not-owner',
  message: 'the account was taken over while it was in use',
}

/** A service's failure that the machine can tell apart. */
export class ServiceProblem extends Error {
  override readonly name = 'ServiceProblem'
  readonly problem: AuthProblem

  constructor(cause: unknown) {
    const problem = problemFrom(cause)
    super(problem.message, { cause })
    this.problem = problem
  }
}

/** Runs a step on the store: counted as busy until it has ended, its failures told apart by their problem. */
export function onStore<T>(resources: Resources, step: () => Promise<T>): Promise<T> {
  const running = step().catch((error: unknown): never => {
    throw new ServiceProblem(error)
  })
  resources.busy.add(running)
  const done = () => resources.busy.delete(running)
  running.then(done, done)
  return running
}
