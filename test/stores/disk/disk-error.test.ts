import { expect, test } from 'vitest'
import { FencedError } from '../../../src/errors/errors.ts'
import { diskError, onDisk } from '../../../src/stores/disk/disk-error.ts'

const failed = (code: string | undefined) => Object.assign(new Error('failed'), code === undefined ? {} : { code })

test.each<[string, unknown, object]>([
  ['a full disk', failed('ENOSPC'), { code: 'AUTH_STORE_DISK', errno: 'ENOSPC' }],
  ['an error without a code', failed(undefined), { code: 'AUTH_STORE_DISK', errno: 'UNKNOWN' }],
  ['what is no error', 'words', { code: 'AUTH_STORE_DISK', errno: 'UNKNOWN' }],
  ['a package that is missing', failed('ERR_MODULE_NOT_FOUND'), { code: 'AUTH_STORE_DRIVER' }],
])('%s is told with its place, what was done, and what to do', async (_, cause, told) => {
  const error = diskError('/a/place', 'writing', cause)
  expect(error).toMatchObject({ ...told, cause })
  expect(error.message).toContain('writing in /a/place')
  expect(error.remediation.length).toBeGreaterThan(10)
  await expect(onDisk('/a/place', 'writing', () => Promise.reject(cause))).rejects.toMatchObject(told)
})

test('an error of ours stays as it is, and so does what went well', async () => {
  const own = new FencedError('/a/place')
  expect(diskError('/another', 'writing', own)).toBe(own)
  await expect(onDisk('/a/place', 'writing', async () => 7)).resolves.toBe(7)
})
