import { expect, test } from 'vitest'
import { endingWith, KeyedLock } from '../../src/baileys/keyed-lock.ts'

const turns = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

/** What is waited for until `pass` is called. */
function held() {
  let pass: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    pass = resolve
  })
  return { over: () => over, pass: () => pass() }
}

test('work on one key is done one after the other, in the order of asking, and beside that on another', async () => {
  const lock = new KeyedLock()
  const done: string[] = []
  const slow = held()
  const work = (name: string, wait?: () => Promise<void>) => async () => {
    done.push(`${name} begins`)
    await wait?.()
    done.push(`${name} ends`)
    return name
  }
  const all = [
    lock.run('a', work('1', slow.over)),
    lock.run('a', work('2')),
    lock.run('a', work('3')),
    lock.run('b', work('b')),
  ]
  await turns()
  expect(done).toEqual(['1 begins', 'b begins', 'b ends'])
  slow.pass()
  expect(await Promise.all(all)).toEqual(['1', '2', '3', 'b'])
  expect(done.slice(3)).toEqual(['1 ends', '2 begins', '2 ends', '3 begins', '3 ends'])
  // Nobody has it any more.
  expect(await lock.run('a', work('4'))).toBe('4')
})

test('work that fails, at once or later, lets the next one have its key', async () => {
  const lock = new KeyedLock()
  const failures = [
    lock.run('a', () => Promise.reject(new Error('later'))),
    lock.run('a', () => {
      throw new Error('at once')
    }),
  ]
  expect((await Promise.allSettled(failures)).map((one) => one.status === 'rejected' && one.reason.message)).toEqual([
    'later',
    'at once',
  ])
  expect(await lock.run('a', async () => 7)).toBe(7)
})

test('work on several keys has all of them, and two who want the same ones do not wait for each other for ever', async () => {
  const lock = new KeyedLock()
  const done: string[] = []
  const slow = held()
  const first = lock.runAll(['b', 'a', 'b'], async () => {
    await slow.over()
    done.push('a and b')
  })
  await turns()
  const others = [
    lock.runAll(['a', 'b'], async () => done.push('b and a')),
    lock.runAll(['b'], async () => done.push('b')),
    lock.runAll(['c'], async () => done.push('c')),
    lock.runAll([], async () => done.push('none')),
  ]
  await turns()
  expect(done.toSorted()).toEqual(['c', 'none'])
  slow.pass()
  await Promise.all([first, ...others])
  expect(done.slice(2)[0]).toBe('a and b')
  expect(done.toSorted()).toEqual(['a and b', 'b', 'b and a', 'c', 'none'])
})

test('what is to be done at the end is done once, however the work ends', async () => {
  let ends = 0
  const end = () => {
    ends += 1
  }
  expect(await endingWith(async () => 1, end)).toBe(1)
  await expect(endingWith(() => Promise.reject(new Error('no')), end)).rejects.toThrow('no')
  const thrown = endingWith(() => {
    throw new Error('at once')
  }, end)
  await expect(thrown).rejects.toThrow('at once')
  expect(ends).toBe(3)
})
