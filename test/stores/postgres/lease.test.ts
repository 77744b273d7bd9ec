import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Board, connectPostgres, postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { systemProcesses } from '../../../src/stores/process-identity.ts'
import { numberOf } from '../../share.ts'
import { testDatabase } from './databases.ts'

const at = testDatabase()
let accounts = 0
const newAccount = () => `account-${++accounts}`
const contender = (host: string) => ({ token: `token of ${host}`, host, identity: systemProcesses.self() })
const expire = (account: string) =>
  at.pool.query('UPDATE lifeline.lease SET expires_at = clock_timestamp() WHERE account = $1', [account])

describe('a lease', () => {
  test('has one holder; the next one gets it after its end, with a higher epoch, for ever', async () => {
    const { leases } = at.connect()
    const account = newAccount()
    expect(await leases.read(account)).toMatchObject({ epoch: 0, owner: undefined })
    const first = await leases.claim(account, contender('one'))
    expect(first).toMatchObject({ kind: 'claimed', lease: { epoch: 1 }, expiresInMs: 30_000 })
    const refused = await leases.claim(account, contender('two'))
    expect(refused).toMatchObject({
      kind: 'held',
      by: { epoch: 1, owner: { host: 'one', identity: { pid: process.pid } } },
    })
    await expire(account)
    const second = await leases.claim(account, contender('two'))
    expect(second).toMatchObject({ kind: 'claimed', lease: { epoch: 2 } })
    if (first.kind !== 'claimed' || second.kind !== 'claimed') return
    await leases.release(first.lease)
    expect(await leases.look(second.lease)).toBe('ours')
    expect(await leases.look(first.lease)).toBe('taken')
    await leases.release(second.lease)
    expect(await leases.claim(account, contender('one'))).toMatchObject({ lease: { epoch: 3 } })
  })

  test('is renewed with all others of its host in one statement, unless it ended or went to another', async () => {
    const { leases } = at.connect()
    const names = [newAccount(), newAccount(), newAccount()]
    const held = await Promise.all(
      names.map(async (account) => {
        const claimed = await leases.claim(account, contender('one'))
        if (claimed.kind !== 'claimed') throw new Error('not claimed')
        return claimed.lease
      }),
    )
    const [kept = '', ended = '', taken = ''] = names
    await at.pool.query(
      `UPDATE lifeline.lease SET expires_at = clock_timestamp() + interval '9 seconds' WHERE account = $1`,
      [kept],
    )
    await expire(ended)
    await expire(taken)
    await leases.claim(taken, contender('two'))
    expect([...(await leases.renew(held))]).toEqual([kept])
    expect((await leases.read(kept)).expiresInMs).toBeGreaterThan(20_000)
    expect(await Promise.all(held.map((lease) => leases.look(lease)))).toEqual(['ours', 'ended', 'taken'])
  })

  test('of which a write is under way is left out of a renewal, which does not wait for it', async () => {
    const { leases } = at.connect()
    const account = newAccount()
    const claimed = await leases.claim(account, contender('one'))
    if (claimed.kind !== 'claimed') throw new Error('not claimed')
    const writer = await at.pool.connect()
    await writer.query('BEGIN')
    await writer.query('UPDATE lifeline.lease SET written = written + 1 WHERE account = $1', [account])
    expect([...(await leases.renew([claimed.lease]))]).toEqual([])
    expect(await leases.look(claimed.lease)).toBe('ours')
    await writer.query('COMMIT')
    writer.release()
    expect([...(await leases.renew([claimed.lease]))]).toEqual([account])
  })

  test('that is handed over is kept for its heir, and anyone’s after that', async () => {
    const { leases } = at.connect()
    const account = newAccount()
    const claimed = await leases.claim(account, contender('one'))
    if (claimed.kind !== 'claimed') throw new Error('not claimed')
    await leases.release(claimed.lease, 'two')
    expect(await leases.claim(account, contender('three'))).toMatchObject({
      kind: 'held',
      by: { owner: undefined, heir: { host: 'two' } },
    })
    expect(await leases.claim(account, contender('two'))).toMatchObject({ kind: 'claimed', lease: { epoch: 2 } })
    const again = await leases.claim(newAccount(), contender('one'))
    if (again.kind !== 'claimed') throw new Error('not claimed')
    await leases.release(again.lease, 'gone', 0)
    // Kept for nobody any more, as one that was given back to all.
    const free = { account: again.lease.account, epoch: 1, owner: undefined, expiresInMs: expect.any(Number) }
    expect(await leases.read(again.lease.account)).toEqual(free)
    const given = await leases.claim(newAccount(), contender('one'))
    if (given.kind !== 'claimed') throw new Error('not claimed')
    await leases.release(given.lease)
    const found = await leases.read(given.lease.account)
    expect(['heir' in found, await leases.look(given.lease)]).toEqual([false, 'taken'])
    expect(await leases.claim(again.lease.account, contender('three'))).toMatchObject({ kind: 'claimed' })
  })

  test('goes to exactly one of many that claim it at once', async () => {
    const databases = Array.from({ length: 8 }, () => at.connect())
    await Promise.all(databases.map((database) => database.flavour()))
    for (let round = 0; round < 5; round++) {
      const account = newAccount()
      const claims = await Promise.all(
        databases.map(({ leases }, host) => leases.claim(account, contender(String(host)))),
      )
      expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1)
    }
  })

  test('whatever claims, renewals, releases and ends follow each other, epochs rise and one holder at most may write', async () => {
    const { leases } = at.connect()
    const step = fc.tuple(
      fc.constantFrom('claim', 'renew', 'release', 'hand', 'expire'),
      fc.constantFrom('one', 'two', 'three'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const account = newAccount()
        const held = new Map<string, { account: string; epoch: number; token: string }>()
        let highest = 0
        for (const [what, host] of steps) {
          const lease = held.get(host)
          if (what === 'claim') {
            const claimed = await leases.claim(account, contender(host))
            if (claimed.kind === 'claimed') {
              expect(claimed.lease.epoch).toBeGreaterThan(highest)
              highest = claimed.lease.epoch
              held.set(host, claimed.lease)
            }
          } else if (what === 'expire') await expire(account)
          else if (lease && what === 'renew') await leases.renew([lease])
          else if (lease) await leases.release(lease, what === 'hand' ? 'two' : null)
          const ours = await Promise.all([...held.values()].map((one) => leases.look(one)))
          expect(ours.filter((found) => found === 'ours').length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: numberOf(15, 5) },
    )
  })

  test.each([
    ['a lifetime that no second renewal fits in', { lease: { ttlMs: 20_000 } }, 'lease.ttlMs'],
    ['renewals that are no number', { lease: { renewMs: Number.NaN } }, 'lease.renewMs'],
    ['more patience than a lease has life', { patienceMs: 40_000 }, 'patienceMs'],
    ['a schema that is no name', { schema: 'a"; DROP' }, 'schema'],
    ['a key that is too short', { encryptionKeys: [{ id: 'a', key: 'c2hvcnQ=' }] }, 'encryptionKeys.0.key'],
    ['one name for two keys', { encryptionKeys: [key('a'), key('a')] }, 'encryptionKeys.1.id'],
    ['an option that does not exist', { leaze: {} }, 'postgres.leaze'],
  ])('%s is refused before anything is connected', (_, options, path) => {
    const pool = { ...at.pool, query: () => Promise.reject(new Error('connected')) } as never
    expect(() => connectPostgres({ pool, ...options })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', path }),
    )
  })

  test('of a process that is known to be gone is taken over at once', async () => {
    const account = newAccount()
    const { leases } = at.connect()
    const gone = { ...systemProcesses.self(), started: '1' }
    await leases.claim(account, { token: 'x', host: 'here', identity: gone })
    const store = postgresAuthStore({ database: at.connect(), account })
    await store.acquire()
    expect(store.epoch).toBe(2)
    await store.release()
  })

  test('that is handed to a host by its store is refused to others, whose refusal names the heir', async () => {
    const account = newAccount()
    const [one, two, three] = ['one', 'two', 'three'].map((host) =>
      postgresAuthStore({ database: at.connect({ host }), account }),
    )
    if (!one || !two || !three) return
    await one.acquire()
    await one.handOver('two')
    await expect(three.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: { host: 'two' } })
    await two.acquire()
    expect(two.epoch).toBe(2)
    await two.release()
  })
})

describe('the board', () => {
  test('carries commands to their host once, and the answer back, heard at once', async () => {
    const keys = { encryptionKeys: [key('k')] }
    const here = new Board(at.connect({ host: 'here', ...keys }))
    const there = new Board(at.connect({ host: 'there', ...keys }))
    const heard: string[] = []
    let wake: () => void = () => undefined
    const until = async (what: string) => {
      while (!heard.includes(what)) await new Promise<void>((resolve) => (wake = resolve))
    }
    const ends = await Promise.all(
      [here, there].map((board) =>
        board.listen((topic) => {
          heard.push(topic.kind === 'poll' ? 'poll' : `${topic.kind}:${topic.of}`)
          wake()
        }, 60_000),
      ),
    )
    const id = await here.send('there', 'anna', { kind: 'relink' })
    await here.send('elsewhere', 'anna', {})
    const later = await here.send('there', 'bert', undefined)
    await until('inbox:there')
    expect(await here.answerTo(id)).toBeUndefined()
    const commands = await there.take()
    expect(commands).toEqual([
      { id, account: 'anna', content: { kind: 'relink' } },
      { id: later, account: 'bert', content: undefined },
    ])
    expect(await there.take()).toEqual([])
    await there.answer({ id, account: 'anna' }, { done: true })
    await until(`answer:${id}`)
    expect(await here.answerTo(id)).toEqual({ content: { done: true } })
    await here.sweep(0)
    expect(await here.answerTo(id)).toBeUndefined()
    for (const end of ends) end()
  })

  test('shows hosts, what is to run and how it fares, told by the newest epoch alone', async () => {
    const one = new Board(at.connect({ host: 'one' }))
    const two = new Board(at.connect({ host: 'two' }))
    await one.announce({ lines: 3 })
    expect(await two.hosts()).toEqual([expect.objectContaining({ host: 'one', info: { lines: 3 } })])
    await one.forget('one')
    expect(await two.hosts()).toEqual([])
    await one.desire('bert', 'running')
    expect(await two.accounts()).toEqual([{ account: 'bert', desired: 'running', details: null }])
    await two.desire('bert', 'stopped', { why: 'banned' })
    expect(await one.accounts()).toEqual([{ account: 'bert', desired: 'stopped', details: { why: 'banned' } }])
    await two.tell('bert', 2, { state: 'healthy' })
    await one.tell('bert', 1, { state: 'conflicted' })
    expect(await one.statuses(['bert'])).toEqual([
      expect.objectContaining({ account: 'bert', host: 'two', epoch: 2, status: { state: 'healthy' } }),
    ])
  })

  test('is told when an account is free', async () => {
    const database = at.connect()
    const topics: unknown[] = []
    const [freed, free] = (() => {
      let resolve: () => void = () => undefined
      return [new Promise<void>((done) => (resolve = done)), () => resolve()]
    })()
    const end = await new Board(database).listen((topic) => {
      topics.push(topic)
      free()
    }, 60_000)
    const store = postgresAuthStore({ database: at.connect(), account: 'clara' })
    await store.acquire()
    await store.release()
    await freed
    expect(topics).toEqual([{ kind: 'lease', of: 'clara' }])
    end()
  })
})

function key(id: string) {
  return { id, key: Buffer.alloc(32, 7) }
}

test('an account that another has is refused with when it is free, its owner’s or its heir’s', async () => {
  const account = 'refused'
  const store = (host: string) =>
    postgresAuthStore({
      ...{ database: at.connect({ host }), account },
      // Whether somebody elsewhere lives cannot be seen.
      processes: { ...systemProcesses, stateOf: () => 'unknown' },
    })
  const [first, second] = [store('one'), store('two')]
  await first.acquire()
  const refused = await second.acquire().catch((error) => error)
  expect(refused).toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: { pid: process.pid, host: 'one' } })
  expect(refused.remediation).toMatch(
    /^Stop that process\. If it is gone already, the account is free in (?:2\d|30) s\.$/,
  )
  expect(refused.freeAt - Date.now()).toBeGreaterThan(20_000)
  expect(refused.freeAt - Date.now()).toBeLessThanOrEqual(30_000)
  await first.handOver('three')
  const kept = await second.acquire().catch((error) => error)
  expect(kept).toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: { pid: undefined, host: 'three' } })
  expect(kept.remediation).toMatch(/^The account was handed to host three; .* it is free in \d+ s\.$/)
  expect(kept.freeAt).toBeGreaterThan(Date.now())
  expect(kept.freeAt - Date.now()).toBeLessThanOrEqual(10_000)
  const heir = store('three')
  await heir.acquire()
  await heir.release()
})
