import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepCompiled } from '../../../src/drop-in/register/compiled.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  vi.stubEnv('NODE_V8_COVERAGE', undefined)
  vi.stubEnv('XDG_CACHE_HOME', '/srv/cache')
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const node = () => ({ enableCompileCache: vi.fn(), flushCompileCache: vi.fn() })

test('what is loaded is kept compiled with the user from the first Baileys on, and written once all is loaded', () => {
  const cache = node()
  keepCompiled(cache)
  keepCompiled(cache)
  expect(cache.enableCompileCache).toHaveBeenCalledExactlyOnceWith(join('/srv/cache', 'baileys-lifeline', 'compiled'))
  vi.advanceTimersByTime(19_999)
  expect(cache.flushCompileCache).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(cache.flushCompileCache).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
})

test('nothing is kept on a Node that cannot, or while coverage is counted; one that cannot write it early does so at its end', () => {
  keepCompiled({})
  vi.stubEnv('NODE_V8_COVERAGE', '/srv/coverage')
  const counted = node()
  keepCompiled(counted)
  expect([counted.enableCompileCache.mock.calls, vi.getTimerCount()]).toEqual([[], 0])
  vi.stubEnv('NODE_V8_COVERAGE', undefined)
  const { enableCompileCache } = node()
  keepCompiled({ enableCompileCache })
  expect(enableCompileCache).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(20_000)
})
