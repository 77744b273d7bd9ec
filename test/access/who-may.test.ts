import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDashboard } from '../../src/dashboard/index.ts'
import { Board, postgresAuthStore } from '../../src/stores/postgres/index.ts'
import { ask, json, own, Watching } from '../dashboard/visitor.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { link } from '../stores/account.ts'
import { testDatabase } from '../stores/postgres/databases.ts'

/*
 * Who may do what, against the real server and a real database. A row: an action, and those who may do it. Everybody
 * else is refused, and nothing happens.
 */

const token = 'a-token-of-more-than-128-bits'
const code = '2@the-code,that-links-a-device'

const people = ['visitor', 'local user', 'proxy visitor', 'guest', 'owner', 'owner behind a proxy'] as const
type Person = (typeof people)[number]

const owners: readonly Person[] = ['owner', 'owner behind a proxy']
const [everybody, invited] = [people, ['guest', ...owners] as readonly Person[]]

const act = (action: string, body = '{}') => ({ method: 'POST', path: `/api/accounts/a/actions/${action}`, body })
const rows: readonly (readonly [
  what: string,
  may: readonly Person[],
  request: { readonly method?: string; readonly path: string; readonly body?: string },
])[] = [
  ['open the page', everybody, { path: '/' }],
  ['ask whether it is well', everybody, { path: '/healthz' }],
  ['watch the state', invited, { method: 'HEAD', path: '/api/stream' }],
  ['read what happened', owners, { path: '/api/accounts/a/timeline' }],
  ['list what was set aside', owners, { path: '/api/accounts/a/quarantine' }],
  ['read every status', owners, { path: '/status.json' }],
  ['read the metrics', owners, { path: '/metrics' }],
  ['reconnect', owners, act('reconnect')],
  ['set failing sessions aside', owners, act('prune-failing')],
  ['unlink', owners, act('relink')],
  ['restore', owners, act('restore', '{"id":"x"}')],
  ['ask for a pairing code', owners, act('pairing-code', '{"phone":"491700000001"}')],
  ['make a link to the code', owners, { method: 'POST', path: '/api/accounts/a/links', body: '{}' }],
  ['make a link that signs in', owners, { method: 'POST', path: '/api/sign-in/links', body: '{}' }],
]

describe('At the dashboard', () => {
  async function stage() {
    const account = new ScriptedAccount()
    account.showCode(code, 1, Date.now() + 3_600_000)
    const dashboard = createDashboard(account, { token, trustProxy: true })
    onTestFinished(() => dashboard.close())
    const { url } = await dashboard.serve({ port: 0 })
    const secret = new URL(account.relinkUrl(undefined)).hash.slice(1)
    const redeemed = await ask(url, '/api/links/redeem', {
      method: 'POST',
      headers: own(url),
      body: JSON.stringify({ secret }),
    })
    const cookie = redeemed.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const bearer = { authorization: `Bearer ${token}` }
    const proxied = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }
    const headers: Readonly<Record<Person, Readonly<Record<string, string>>>> = {
      visitor: { host: '192.0.2.1' },
      'local user': {},
      'proxy visitor': proxied,
      guest: { cookie },
      owner: bearer,
      'owner behind a proxy': { ...bearer, ...proxied },
    }
    return { account, url, headers }
  }

  test.each(rows)('to %s: %j', async (_, may, { method = 'GET', path, body }) => {
    const { account, url, headers } = await stage()
    for (const person of people) {
      const before = account.asked.length
      const given = { ...own(url), ...headers[person] }
      // A browser sends the host that it was given as its origin, too.
      if (person === 'visitor') Object.assign(given, { origin: 'http://192.0.2.1' })
      const answer = await ask(url, path, { method, headers: given, ...(body === undefined ? {} : { body }) })
      const refused = [401, 403].includes(answer.status)
      expect({ person, refused }).toEqual({ person, refused: !may.includes(person) })
      if (refused) expect([account.asked.length, answer.body.includes(code)]).toEqual([before, false])
    }
  })

  test('the code is seen by owners and by the guest of a link to it', async () => {
    const { url, headers } = await stage()
    for (const person of invited) {
      const watching = await Watching.at(url, { ...headers[person] })
      const { data } = await watching.sees(({ event }) => event === 'snapshot')
      expect(data.accounts[0]?.qr?.code, person).toBe(code)
      watching.leave()
    }
    expect(json(await ask(url, '/api/session', { headers: { ...headers['local user'] } }))).toEqual({ who: 'nobody' })
  })
})

describe('At the database, with keys', () => {
  const at = testDatabase()
  const encryptionKeys = [{ id: 'k', key: randomBytes(32) }]
  const host = (name: string) => at.connect({ host: name, encryptionKeys })
  /** May write into every table, and has no key. */
  const writer = () => at.connect({ host: 'other' })

  const tellers = [
    ['another host of the fleet', true, host],
    ['a writer without the key', false, writer],
  ] as const

  test.each(tellers)('%s may command, tell a status and start an account: %j', async (_, may, connect) => {
    await at.pool.query('DELETE FROM lifeline.command')
    const [reader, theirs] = [new Board(host('here')), new Board(connect('other'))]
    await theirs.send('here', 'anna', { type: 'relink' })
    const account = `of ${may}`
    await theirs.tell(account, 1, { status: { state: 'awaitingQr', qr: { code } } })
    await theirs.desire(account, 'running')
    await theirs.announce({ has: 0 })
    expect((await reader.take()).length > 0, 'command').toBe(may)
    expect((await reader.statuses([account])).length > 0, 'status').toBe(may)
    expect(
      (await reader.accounts()).some((one) => one.account === account),
      'account',
    ).toBe(may)
    expect(
      (await reader.hosts()).some((one) => one.host === 'other'),
      'host',
    ).toBe(may)
    await at.pool.query('DELETE FROM lifeline.host')
  })

  test.each(tellers)('%s may give an account its credentials: %j', async (_, may, connect) => {
    const account = `creds of ${may}`
    const theirs = postgresAuthStore({ database: connect('other'), account })
    await theirs.acquire()
    const { state, saveCreds, fence } = await theirs.open({ mint: true })
    link(state.creds)
    await saveCreds()
    await fence()
    await theirs.release()
    const ours = postgresAuthStore({ database: host('here'), account })
    const read = await ours.inspect().catch(({ code: refused }) => refused)
    if (may) expect(read).toMatchObject({ linked: true })
    else expect(read).toBe('AUTH_STORE_KEY')
  })
})
