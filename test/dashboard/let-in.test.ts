import type { EventEmitter } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { createDashboard } from '../../src/dashboard/index.ts'
import { Links } from '../../src/dashboard/links.ts'
import { reachableHost } from '../../src/dashboard/serving.ts'
import { Sessions } from '../../src/dashboard/sessions.ts'
import type { LinkView, SessionView, TrafficView } from '../../src/dashboard/wire.ts'
import { WrongTries } from '../../src/dashboard/wrong-tries.ts'
import { LifelineError } from '../../src/index.ts'
import { ScriptedAccount, ScriptedSource } from '../line/scripted-account.ts'

const token = 'a-token-of-more-than-128-bits'
const at = 'http://127.0.0.1'
const asOwner = { authorization: `Bearer ${token}` }
const own = { 'content-type': 'application/json', origin: at }

const said = async <View>(answer: Promise<Response>) => (await (await answer).json()) as View

/** Asks a dashboard of this account, which nobody serves. */
function asking(account = new ScriptedAccount()) {
  const dashboard = createDashboard(account, { token })
  onTestFinished(() => dashboard.close())
  return (path: string, init?: RequestInit) => dashboard.fetch(new Request(`${at}${path}`, init))
}

test('a thousand links and a thousand sessions are kept; of more, the oldest goes', () => {
  const links = new Links(() => 0)
  const secrets = Array.from({ length: 1_001 }, () => links.make('a', 1_000).secret)
  expect(secrets.map((secret) => links.redeem(secret) === 'a').indexOf(true)).toBe(1)
  const sessions = new Sessions(() => 0)
  const cookies = Array.from({ length: 1_001 }, () => sessions.begin({ who: 'owner' }, 1_000))
  expect(cookies.findIndex((cookie) => sessions.find(cookie) !== undefined)).toBe(1)
})

test('a guest who has not seen a code yet sees the next one, although the account was linked meanwhile', () => {
  const sessions = new Sessions(() => 0)
  const [seen, unseen, other] = ['a', 'a', 'b'].map((account) =>
    sessions.find(sessions.begin({ who: 'guest', account }, 1_000)),
  )
  for (const one of [seen, other]) if (one) one.sawCode = true
  sessions.linked('a')
  expect([seen, unseen, other].map((one) => one?.spent)).toEqual([true, false, false])
})

test('signing out needs no session, and ends no other', async () => {
  const ask = asking()
  const signedIn = await ask('/api/session', { method: 'POST', headers: own, body: JSON.stringify({ token }) })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  for (const headers of [own, { ...own, cookie: `${cookie.split('=')[0]}=unknown` }]) {
    const out = await ask('/api/session', { method: 'DELETE', headers })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')])
  }
  expect(await (await ask('/api/session', { headers: { cookie } })).json()).toMatchObject({ who: 'owner' })
})

test('an IPv6 address is cut to its network however it is written, the shortest included', () => {
  const tries = new WrongTries(() => 0)
  for (let n = 0; n < 10; n += 1) tries.add('::')
  expect(tries.waitMs('0:0:0:0:0:0:0:1')).toBe(60_000)
  expect(tries.waitMs('1::')).toBe(0)
})

test('of ten thousand addresses whose tries are counted, the one goes whose count began longest ago', () => {
  let now = 0
  const tries = new WrongTries(() => now)
  tries.add('192.0.2.1')
  now = 60_000
  for (let n = 1; n < 10_000; n += 1) tries.add(`10.0.${n >> 8}.${n & 255}`)
  // Its first count is over: this is a new one.
  for (let n = 0; n < 10; n += 1) tries.add('192.0.2.1')
  tries.add('192.0.2.2')
  expect([tries.size, tries.waitMs('192.0.2.1')]).toEqual([10_000, 60_000])
})

test.each([[1], ['x'.repeat(101)], [undefined]])('a link whose secret is %j lets nobody in', async (secret) => {
  const answer = await asking()('/api/links/redeem', { method: 'POST', headers: own, body: JSON.stringify({ secret }) })
  expect(answer.status).toBe(401)
})

test('a dashboard that nobody serves can make no link, unless it knows where it is reached', () => {
  const account = new ScriptedAccount()
  const dashboards = [
    createDashboard(account, { token }),
    createDashboard(account, { token, publicUrl: 'https://a.example/' }),
  ]
  onTestFinished(async () => {
    for (const one of dashboards) await one.close()
  })
  expect(account.relinkUrl(undefined)).toMatch(/^https:\/\/a\.example\/link#/)
  const other = new ScriptedAccount()
  const unserved = createDashboard(other, { token })
  onTestFinished(() => unserved.close())
  expect(() => other.relinkUrl(undefined)).toThrow(expect.objectContaining({ code: 'DASHBOARD_ADDRESS_UNKNOWN' }))
})

test('a dashboard that is closed hears no more of lines that come and go', async () => {
  const source = new ScriptedSource(new ScriptedAccount())
  const dashboard = createDashboard(source, { token })
  expect(source.listeners).toBeGreaterThan(0)
  await dashboard.close()
  expect(source.listeners).toBe(0)
})

test.each([
  ['this machine', '127.0.0.1', '127.0.0.2', 200],
  ['this machine by its outer address', '192.0.2.7', '192.0.2.7', 200],
  ['another machine', '192.0.2.8', '192.0.2.7', 404],
  ['nobody knows where', undefined, '127.0.0.1', 404],
  ['behind a host that tells no address of its own', '127.0.0.1', undefined, 404],
])('a challenge from %s is answered or not', async (_, remoteAddress, localAddress, status) => {
  const dashboard = createDashboard(new ScriptedAccount(), { token })
  onTestFinished(() => dashboard.close())
  const socket = { remoteAddress, localAddress, localPort: 80 }
  const challenge = new Request(`${at}/api/proof?nonce=${'n'.repeat(43)}`)
  expect((await dashboard.fetch(challenge, { incoming: { socket } })).status).toBe(status)
})

test('a host name that is none is unknown', async () => {
  expect((await asking()('/', { headers: { host: 'a b' } })).status).toBe(421)
})

test('an action may come without a body, and a body without its kind is refused', async () => {
  const account = new ScriptedAccount()
  const ask = asking(account)
  const path = '/api/accounts/a/actions/reconnect'
  const type = { 'content-type': 'application/json' }
  expect((await ask(path, { method: 'POST', headers: { ...asOwner, ...type } })).status).toBe(200)
  expect(account.asked).toEqual(['reconnect'])
  expect((await ask(path, { method: 'POST', headers: asOwner })).status).toBe(415)
})

test.each([
  [new Error('the /home/me/disk broke'), 500, /^The dashboard met an error of its own: the <file> broke$/],
  [new LifelineError('AUTH_STORE_DISK', 'The disk is full.', 'Make room.'), 503, /^The disk is full\.$/],
  [new LifelineError('OTHER', 'Not now.', 'Later.'), 409, /^Not now\.$/],
])('what an account throws is answered with what it is: %o', async (thrown, status, said) => {
  const account = new ScriptedAccount()
  account.quarantined = () => Promise.reject(thrown)
  const answer = await asking(account)('/api/accounts/a/quarantine', { headers: asOwner })
  expect(answer.status).toBe(status)
  expect(((await answer.json()) as { error: { message: string } }).error.message).toMatch(said)
})

test('a session says whose it is and when it ends; one that a token speaks for has no end', async () => {
  const ask = asking()
  const before = Date.now()
  const signedIn = await ask('/api/session', { method: 'POST', headers: own, body: JSON.stringify({ token }) })
  const headers = { cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '' }
  const { who, expiresAt = 0 } = await said<SessionView>(ask('/api/session', { headers }))
  expect([who, expiresAt > before + 60_000]).toEqual(['owner', true])
  expect(await (await ask('/api/session')).json()).toEqual({ who: 'nobody' })
  expect(await (await ask('/api/session', { headers: asOwner })).json()).toEqual({ who: 'owner' })
})

test('a link says when it ends, and where it leads nowhere but to this machine', async () => {
  const account = new ScriptedAccount()
  const links = `/api/accounts/${account.account}/links`
  const before = Date.now()
  const asked = { method: 'POST', headers: { ...own, ...asOwner }, body: '{"expiresMs":5000}' }
  const here = await said<LinkView>(asking(account)(links, asked))
  expect(here.expiresAt - before).toBeGreaterThanOrEqual(5_000)
  expect(here.expiresAt - before).toBeLessThan(65_000)
  // Another machine of this network would reach it there.
  const network = reachableHost('0.0.0.0')
  expect(here.onlyHere).toEqual(network === '127.0.0.1' ? {} : { network })
  const away = createDashboard(new ScriptedAccount(), { token, publicUrl: 'https://a.example/' })
  onTestFinished(() => away.close())
  const elsewhere = await said<LinkView>(away.fetch(new Request(`${at}${links}`, asked)))
  expect([elsewhere.onlyHere, elsewhere.url.split('#')[0]]).toEqual([undefined, 'https://a.example/link'])
})

test('traffic is counted from the moment that the viewer names, and from the beginning if it names none', async () => {
  const account = new ScriptedAccount()
  const ask = asking(account)
  const key = { id: 'one', remoteJid: '491700000001@s.whatsapp.net', fromMe: false }
  const events = account.ev as unknown as EventEmitter
  events.emit('messages.upsert', { type: 'notify', messages: [{ key, message: { conversation: 'hello' } }] })
  const counted = await Promise.all(
    ['', '?from=0', '?from=soon', `?from=${Date.now() + 3_600_000}`].map(async (query) => {
      const path = `/api/accounts/${account.account}/traffic${query}`
      return (await said<TrafficView>(ask(path, { headers: asOwner }))).received
    }),
  )
  expect(counted).toEqual([1, 1, 1, 0])
})
