import { describe, expect, test } from 'vitest'
import { type LiveOpening, type OwnerLock, Ownership } from '../../src/stores/ownership.ts'

const turn = () => new Promise(setImmediate)
const failure = (code: string) => Object.assign(new Error(code), { code })

/** The owner of an account, its lock, and what is done, in the order in which it was through. */
function owner() {
  const done: string[] = []
  /** What comes first takes longest, so that its order is no chance. */
  const turns = (what: string) => (what.endsWith('closed') ? 9 : ['before', 'last'].includes(what) ? 6 : 2)
  const does = (what: string, error?: () => Error | undefined) => async () => {
    for (let left = turns(what); left > 0; left -= 1) await turn()
    done.push(what)
    const thrown = error?.()
    if (thrown) throw thrown
  }
  const state = { held: false, owned: true, fails: '' }
  let lose: () => void = () => undefined
  const lock: OwnerLock = {
    get held() {
      return state.held
    },
    acquire: async (onLost) => {
      await does('taken')()
      state.held = true
      state.owned = true
      lose = onLost
    },
    owned: async () => state.owned,
    release: async () => {
      await does('given back')()
      state.held = false
      if (state.fails === 'release') throw failure('EIO')
    },
  }
  const ownership = new Ownership('here', lock)
  const opening = (name: string) => {
    const made = {
      live: true,
      fence: async () => {
        await does(`${name} fenced`)()
        made.live = false
      },
      close: async () => {
        await does(`${name} closed`)()
        made.live = false
      },
    }
    return made as typeof made & LiveOpening
  }
  const acquire = (after = does('after')) => ownership.acquire(does('before'), after)
  return { ownership, acquire, state, done, does, opening, lose: () => lose() }
}
const notOwned = { code: 'AUTH_STORE_NOT_OWNED' }

describe('the lock of an account', () => {
  test('is taken between what comes before it and what comes after, and not twice', async () => {
    const { acquire, done } = owner()
    await Promise.all([acquire(), acquire()])
    expect(done).toEqual(['before', 'taken', 'after'])
  })

  test('is given back if what comes after fails, whose error is told though giving it back fails as well', async () => {
    const { acquire, done, state } = owner()
    state.fails = 'release'
    await expect(acquire(() => Promise.reject(failure('EACCES')))).rejects.toThrow(
      /EACCES while taking the lock in here/,
    )
    expect([done, state.held]).toEqual([['before', 'taken', 'given back'], false])
  })

  test('that another has taken meanwhile is asked for anew, and what was open is shut', async () => {
    const { acquire, done, state, ownership, opening } = owner()
    await acquire()
    ownership.track(opening('one'))
    let lost = 0
    const off = ownership.onLost(() => {
      lost += 1
    })
    state.owned = false
    expect(await ownership.confirmed()).toBe(false)
    await acquire()
    await turn()
    expect(done.slice(3).sort()).toEqual(['after', 'before', 'given back', 'one fenced', 'taken'].sort())
    expect(done.indexOf('given back')).toBeLessThan(done.lastIndexOf('taken'))
    expect([lost, await ownership.confirmed()]).toEqual([1, true])
    off()
    state.owned = false
    await acquire()
    expect(lost).toBe(1)
  })

  test('that turns out to be another’s shuts what is open and is told, also to one who leaves as it is told', async () => {
    const { acquire, done, ownership, opening, lose } = owner()
    await acquire()
    ownership.track(opening('one'))
    const told: string[] = []
    const off = ownership.onLost(() => {
      told.push('first')
      off()
    })
    ownership.onLost(() => told.push('second'))
    lose()
    await turn()
    await turn()
    await turn()
    lose()
    expect(told).toEqual(['first', 'second', 'second'])
    expect(done).toContain('one fenced')
  })

  test('is given back once all is closed, and then what was to be done last', async () => {
    const { acquire, done, does, ownership, opening } = owner()
    await acquire()
    for (const name of ['one', 'two']) ownership.track(opening(name))
    await ownership.release(does('last'))
    expect(done.slice(3)).toEqual(['one closed', 'two closed', 'last', 'given back'])
    await expect(ownership.step('writing', async () => 1)).rejects.toMatchObject(notOwned)
  })
})

describe('a step', () => {
  test('is for the owner alone, and one after the other, also after one that failed', async () => {
    const { acquire, done, does, ownership } = owner()
    await expect(ownership.step('writing', does('never'))).rejects.toMatchObject(notOwned)
    await acquire()
    const failing = ownership.step(
      'writing',
      does('first', () => failure('ENOSPC')),
    )
    const next = ownership.step('writing', does('second'))
    await expect(failing).rejects.toThrow(/ENOSPC while writing in here/)
    await next
    expect(done.slice(3)).toEqual(['first', 'second'])
  })

  test('that moves files is refused while something is open, and looks at the lock on the medium', async () => {
    const { acquire, ownership, opening, state } = owner()
    await acquire()
    const [one, two] = [opening('one'), opening('two')]
    expect(ownership.track(one)).toBe(one)
    ownership.track(two)
    const move = () => ownership.closedStep('moving', async () => 'moved')
    const open = { code: 'AUTH_STORE_OPEN', message: expect.stringContaining('so moving was refused') }
    await expect(move()).rejects.toMatchObject(open)
    await two.fence()
    await expect(move()).rejects.toMatchObject(open)
    await one.fence()
    expect(await move()).toBe('moved')
    state.owned = false
    await expect(move()).rejects.toMatchObject(notOwned)
  })
})
