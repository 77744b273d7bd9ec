import { afterEach, expect, test, vi } from 'vitest'
import { guardProcess } from '../../src/baileys/process-guard.ts'

const { warn } = console
const { emit } = process
afterEach(() => {
  Object.assign(console, { warn })
  Object.assign(process, { emit })
})

test('keys stay off the console, and faults of Baileys from the process, until the guard is ended', () => {
  const said = vi.fn()
  Object.assign(console, { warn: said })
  const strays: unknown[] = []
  const off = guardProcess((reason) => strays.push(reason))
  console.warn('Closing session:', { currentRatchet: {}, indexInfo: {} })
  expect(said).not.toHaveBeenCalled()
  expect(Reflect.apply(process.emit, process, ['unhandledRejection', 1006])).toBe(true)
  expect(strays).toEqual([1006])
  off()
  off()
  expect([console.warn, process.emit]).toEqual([said, emit])
})
