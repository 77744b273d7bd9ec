import { describe, expect, test } from 'vitest'
import type { AuthStoreErrorCode } from '../../../src/errors/errors.ts'
import { AuthStoreError, FencedError, LifelineError, LockedError } from '../../../src/errors/errors.ts'
import { within } from '../../../src/line/services/deadline.ts'
import { onStore, problemFrom, problemOfLoss, ServiceProblem } from '../../../src/line/services/problem.ts'
import { tellReplayed } from '../../../src/line/services/replayed.ts'
import { resourcesOn } from './bench.ts'

const storeError = (code: AuthStoreErrorCode) => new AuthStoreError(code, 'It is so.', 'Do it.')
const errno = (code: string) => Object.assign(new Error('It is so.'), { code })
const owner = { pid: 1, host: 'elsewhere' }

test.each<[string, unknown, object]>([
  ['of another owner', storeError('AUTH_STORE_NOT_OWNED'), { kind: 'not-owner' }],
  ['of a lock', storeError('AUTH_STORE_LOCKED'), { kind: 'not-owner' }],
  ['of damaged credentials', storeError('AUTH_STORE_CREDS_UNREADABLE'), { kind: 'creds' }],
  ['of missing credentials', storeError('AUTH_STORE_CREDS_ABSENT'), { kind: 'creds' }],
  ['of the medium', storeError('AUTH_STORE_DISK'), { kind: 'disk' }],
  ['of a folder that cannot serve', storeError('AUTH_STORE_FOLDER'), { kind: 'disk' }],
  ['of the file system', errno('ENOSPC'), { kind: 'disk' }],
  ['of a driver', storeError('AUTH_STORE_DRIVER'), { kind: 'disk', other: true, remediation: 'Do it.' }],
  ['of ours', new LifelineError('X', 'It is so.', 'Do it.'), { kind: 'disk', other: true, remediation: 'Do it.' }],
  ['of an owner', new Error('It is so.'), { kind: 'disk', other: true }],
  ['of Node', errno('ERR_MODULE_NOT_FOUND'), { kind: 'disk', other: true }],
  ['that is no error', 'It is so.', { kind: 'disk', other: true }],
])('a problem %s is told as what it is', (_, error, told) => {
  expect(problemFrom(error)).toEqual({ message: 'It is so.', ...told })
})

test('a lock says when it is free, if that can be known, and an account that is gone says so', () => {
  const { message } = new LockedError('the rows', owner)
  expect(problemFrom(new LockedError('the rows', owner, 5))).toEqual({ kind: 'not-owner', message, freeAt: 5 })
  expect(problemFrom(new LockedError('the rows', owner))).toEqual({ kind: 'not-owner', message })
  const gone = { kind: 'disk', gone: true, message: 'the account is no longer in its place' }
  expect(problemFrom(storeError('AUTH_STORE_GONE'))).toEqual(gone)
})

test.each<[string, object, object]>([
  ['is gone', { gone: async () => true }, { kind: 'disk', gone: true }],
  ['is there', { gone: async () => false }, { kind: 'not-owner' }],
  ['cannot be looked at', { gone: () => Promise.reject(new FencedError('x')) }, { kind: 'not-owner' }],
  ['cannot say whether it is there', {}, { kind: 'not-owner' }],
])('an account that was lost and %s', async (_, store, told) => {
  expect(await problemOfLoss(store)).toMatchObject(told)
})

describe('a step on the store', () => {
  test('counts as busy until it has ended, well or not, and what fails is told by its problem', async () => {
    const { resources } = resourcesOn({})
    let end: (value: string) => void = () => undefined
    const step = onStore(
      resources,
      () =>
        new Promise<string>((resolve) => {
          end = resolve
        }),
    )
    expect(resources.busy.size).toBe(1)
    end('done')
    expect(await step).toBe('done')
    expect(resources.busy.size).toBe(0)
    const cause = storeError('AUTH_STORE_DISK')
    const failed = await onStore(resources, () => Promise.reject(cause)).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(ServiceProblem)
    expect(failed).toMatchObject({ name: 'ServiceProblem', cause, problem: { kind: 'disk' }, message: 'It is so.' })
    expect(resources.busy.size).toBe(0)
  })

  test('has so long: what ends in time did, however it ends', async () => {
    expect(await within(10_000, async () => undefined)).toBe(true)
    expect(await within(10_000, () => Promise.reject(new Error('no')))).toBe(false)
    expect(await within(1, () => new Promise(() => undefined))).toBe(false)
  })
})

test.each<[string, object | undefined, RegExp[]]>([
  ['nothing', undefined, []],
  ['nothing that was lost', { superseded: [], spoilt: [] }, []],
  ['a file', { superseded: ['a'] }, [/^1 file was written by another program since; .* in the quarantine$/]],
  [
    'files and a journal',
    { superseded: ['a', 'b'], spoilt: ['c'] },
    [/^2 files were written by/, /^1 journal was damaged/],
  ],
  ['journals', { superseded: [], spoilt: ['c', 'd'] }, [/^2 journals were damaged, so the last writes may be lost/]],
])('of what was finished after a crash is told %s', (_, replayed, words) => {
  const told: unknown[] = []
  tellReplayed({ replayed } as never, (error, doing) => told.push([(error as Error).message, doing]))
  const doing = 'finishing what was written before a crash'
  expect(told).toEqual(words.map((one) => [expect.stringMatching(one), doing]))
})
