import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { superviseImported, superviseRequired } from '../../../src/drop-in/register/imported.ts'
import { seen } from '../../../src/drop-in/register/seen.ts'

const says: string[] = []
beforeEach(() => {
  says.length = 0
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => says.push(String(text)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const all of Object.values(seen())) all.clear()
})

/** The functions of a Baileys, of which nobody opens a folder. */
const functions = () => ({
  makeWASocket: vi.fn(() => 'socket'),
  useMultiFileAuthState: vi.fn(),
  makeCacheableSignalKeyStore: vi.fn(() => 'keys'),
})
const url = 'file:///srv/node_modules/baileys/lib/index.js'

test('before a folder was opened the functions of a Baileys do what its own do', () => {
  const own = functions()
  const ours = superviseImported({ ...own, default: own.makeWASocket }, url)
  expect([ours.makeWASocket({} as never), ours.makeCacheableSignalKeyStore('store' as never)]).toEqual([
    'socket',
    'keys',
  ])
  expect(own.makeWASocket).toHaveBeenCalledExactlyOnceWith({})
  expect(own.makeCacheableSignalKeyStore).toHaveBeenCalledExactlyOnceWith('store')
  expect(ours.default).toBe(ours.makeWASocket)
  expect([[...seen().hooked], says]).toEqual([[url], []])
})

test('whoever imports a Baileys and whoever requires it have the same functions; what hands them on changes nothing', () => {
  const own = functions()
  const imported = superviseImported({ ...own, default: own.makeWASocket }, url)
  const required = superviseRequired({ ...own, default: own.makeWASocket, BufferJSON: 1 }, url)
  const { default: inner, ...rest } = required as Record<string, unknown>
  const { default: _, ...same } = imported
  expect([rest, inner]).toEqual([{ ...same, BufferJSON: 1 }, imported.makeWASocket])
  const handedOn = superviseImported({ ...same, default: 'its own' }, 'file:///srv/barrel.js')
  expect(handedOn).toEqual({ ...same, default: 'its own' })
  expect([...seen().hooked]).toEqual([url])
})

test('the socket of a Baileys is found by name, as its default, and in the default of a CommonJS module', () => {
  const { makeWASocket, ...others } = functions()
  for (const [name, namespace] of Object.entries({
    default: { ...others, default: makeWASocket },
    within: { ...others, default: { ...others, default: makeWASocket, proto: 1 } },
  })) {
    const ours = superviseImported(namespace, `${url}?${name}`)
    expect(ours.makeWASocket()).toBe('socket')
    if (name === 'within') expect(ours.default).toEqual({ ...ours, proto: 1, default: ours.makeWASocket })
  }
  // A CommonJS module that is a function itself.
  const required = superviseRequired(
    Object.assign(
      vi.fn(() => 'socket'),
      functions(),
      { proto: 1 },
    ),
    `${url}?function`,
  )
  expect({ ...required }).toMatchObject({ proto: 1, makeWASocket: expect.any(Function) })
  expect(Reflect.apply(required as () => unknown, undefined, [])).toBe('socket')
  const { makeWASocket: ours, useMultiFileAuthState } = required as Record<string, { readonly mock?: unknown }>
  expect([required === ours, useMultiFileAuthState?.mock]).toEqual([true, undefined])
  expect(superviseImported(functions(), `${url}?none`)).toMatchObject({ default: expect.any(Function) })
})

test('one that lacks a function is told once with what it lacks, and left as it is', () => {
  const { makeWASocket } = functions()
  const exports = { makeWASocket, default: makeWASocket, useMultiFileAuthState: 7 }
  for (const _ of [1, 2]) expect(superviseRequired(exports, url)).toBe(exports)
  expect(superviseImported(exports, url)).toMatchObject({ makeWASocket, default: makeWASocket })
  const why = 'it has no useMultiFileAuthState, makeCacheableSignalKeyStore'
  expect(says).toEqual([`lifeline: /srv/node_modules/baileys/lib/index.js is not supervised: ${why}.\n`])
  expect([[...seen().refused], [...seen().hooked]]).toEqual([[[url, why]], []])
})
