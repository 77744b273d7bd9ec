import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { followingLogger } from '../../src/drop-in/folder-logger.ts'
import { following, liveView } from '../../src/drop-in/live-view.ts'

describe('a view of what is replaced', () => {
  const mark = Symbol('mark')
  const made = () => {
    let now: Record<string, unknown> = { a: 1 }
    let writes = 0
    const view = liveView<Record<string | symbol, unknown>>(
      () => now,
      { [mark]: 'kept' },
      () => {
        writes += 1
      },
    )
    const replace = (next: Record<string, unknown>) => {
      now = next
    }
    return { view, replace, now: () => now, writes: () => writes }
  }

  test('has the keys, values and descriptors of the moment, and its own mark beside', () => {
    const { view, replace } = made()
    expect([view.a, view[mark], 'a' in view, mark in view, 'b' in view]).toEqual([1, 'kept', true, true, false])
    expect([Object.keys(view), JSON.stringify(view), Reflect.ownKeys(view)]).toEqual([['a'], '{"a":1}', ['a', mark]])
    replace({ b: 2 })
    expect([view.a, view.b, Object.keys(view), { ...view }]).toEqual([undefined, 2, ['b'], { b: 2, [mark]: 'kept' }])
    expect(Object.getOwnPropertyDescriptor(view, 'b')).toMatchObject({ value: 2, configurable: true, enumerable: true })
    expect(Object.getOwnPropertyDescriptor(view, mark)).toMatchObject({ value: 'kept', configurable: true })
    expect(Object.getOwnPropertyDescriptor(view, 'c')).toBeUndefined()
    expect(inspect(view)).toBe('{ b: 2 }')
    const own = { toString: () => 'its own' }
    replace(own)
    expect([view.toString, Object.getOwnPropertyDescriptor(view, 'toString')?.value]).toEqual([
      own.toString,
      own.toString,
    ])
    expect(Object.getOwnPropertyDescriptor(view, 'valueOf')).toBeUndefined()
    replace(new (class Named {})() as never)
    expect(Object.getPrototypeOf(view).constructor.name).toBe('Named')
  })

  test('writes through, and tells of each write that was done', () => {
    const { view, now, writes, replace } = made()
    view.b = 2
    delete view.a
    Object.defineProperty(view, 'c', { value: 3, enumerable: true })
    expect([now(), writes()]).toEqual([{ b: 2, c: 3 }, 3])
    replace(Object.freeze({ d: 4 }))
    expect(() => {
      view.d = 5
    }).toThrow(TypeError)
    expect([view.d, writes()]).toEqual([4, 3])
  })
})

describe('methods that follow', () => {
  const made = () => {
    let now: Record<string, unknown> | undefined
    const later: ((on: object) => void)[] = []
    const view = following<Record<string, never>>(
      () => now as never,
      ['send', 'close'],
      () => new Promise((resolve) => later.push(resolve as never)),
      { nested: { of: 'nested' } },
    ) as unknown as Record<string, (...args: unknown[]) => unknown> & Record<string, unknown>
    const replace = (next: Record<string, unknown> | undefined) => {
      now = next
    }
    return { view, replace, later, now: () => now }
  }

  test('wait where there is nothing yet, those that are named, and nothing else is there', async () => {
    const { view, later } = made()
    expect(['send' in view, 'nested' in view, 'other' in view]).toEqual([true, true, false])
    expect([view.other, view.nested, view.then]).toEqual([undefined, { of: 'nested' }, undefined])
    const sent = view.send?.('a', 'b')
    later[0]?.({ send: (...args: unknown[]) => args.join() })
    expect(await sent).toBe('a,b')
    expect([Reflect.ownKeys(view), Object.getOwnPropertyDescriptor(view, 'send')]).toEqual([[], undefined])
    expect(Reflect.set(view, 'x', 1)).toBe(false)
  })

  test('are those of the moment at which they are called, and one and the same function', () => {
    const { view, replace, now } = made()
    const { send } = view
    const socket = (name: string) => ({
      name,
      nested: {},
      value: name,
      send: function (this: { name: string }, to: string) {
        return `${this.name} to ${to}`
      },
    })
    replace(socket('first'))
    expect([send?.('x'), view.send === send, view.value, view.nested]).toEqual([
      'first to x',
      true,
      'first',
      { of: 'nested' },
    ])
    replace(socket('second'))
    expect([send?.('y'), view.value, 'value' in view, 'close' in view]).toEqual(['second to y', 'second', true, false])
    view.value = 'set' as never
    expect(now()?.value).toBe('set')
    expect(Reflect.ownKeys(view)).toEqual(['name', 'nested', 'value', 'send'])
    expect(Object.getOwnPropertyDescriptor(view, 'value')).toMatchObject({ value: 'set', configurable: true })
    // What the thing does not have is not there, although others have it.
    replace({ name: 'bare' })
    expect([view.nested, view.close]).toEqual([undefined, undefined])
  })
})

test('a logger that follows is that of the moment, with its level and its children', () => {
  const said: string[] = []
  const logger = (name: string, child = true) =>
    ({
      level: name,
      ...Object.fromEntries(
        ['trace', 'debug', 'info', 'warn', 'error'].map((level) => [
          level,
          (words: string) => said.push(`${name} ${level} ${words}`),
        ]),
      ),
      ...(child ? { child: () => logger(`${name}'s child`) } : {}),
    }) as never
  let now: { level?: string } = logger('first')
  const following = followingLogger(() => now as never)
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) following[level](level as never)
  now = logger('second', false)
  following.info('x' as never)
  expect(following.child?.({})).toBe(now)
  expect(following.level).toBe('second')
  following.level = 'warn'
  expect(now.level).toBe('warn')
  delete now.level
  expect(following.level).toBe('info')
  now = logger('third')
  following.child?.({}).warn('y' as never)
  expect(said).toEqual([
    ...['trace', 'debug', 'info', 'warn', 'error'].map((level) => `first ${level} ${level}`),
    'second info x',
    "third's child warn y",
  ])
})
