import { expect, test } from 'vitest'
import { Gate } from '../../src/dashboard/gate.ts'
import { checkDashboardOptions, type DashboardOptions } from '../../src/dashboard/options.ts'
import { type Caller, callerOf, isAddress, isLoopback } from '../../src/dashboard/peer.ts'
import { Sessions } from '../../src/dashboard/sessions.ts'
import { WrongTries } from '../../src/dashboard/wrong-tries.ts'

const token = 'a-token-of-more-than-128-bits'
const clock = { now: 1_000 }

function gateOf(options: DashboardOptions = {}) {
  const sessions = new Sessions(() => clock.now)
  const tries = new WrongTries(() => clock.now)
  const checked = checkDashboardOptions({ token, ...options })
  return { sessions, tries, gate: new Gate({ options: checked, token: () => token, sessions, tries }) }
}
const request = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Request(url, { headers, method })
const here: Caller = { address: '127.0.0.1', httpVersion: '1.1', drop: () => undefined }
const publicUrl = 'https://bot.example.org/wa/'

test('a cookie is named by the port, as a browser sends it to every port of a host, and found among others', () => {
  const { gate } = gateOf()
  const name = (url: string) => gate.cookieName(request(url))
  expect([name('http://a:4747/'), name('http://a/'), name('https://a/')]).toEqual([
    ...['lifeline_4747', 'lifeline_session', 'lifeline_session'],
  ])
  const found = (cookie: string) => gate.cookieOf(request('http://a:1/', { cookie }))
  expect(found('x=1; lifeline_1=secret;y=2')).toBe('secret')
  expect([found('lifeline_11=no; xlifeline_1=no'), gate.cookieOf(request('http://a:1/'))]).toEqual([
    undefined,
    undefined,
  ])
})

test('a cookie lasts as long as its session, for the path of the dashboard, and over TLS alone where that is spoken', () => {
  const set = (options: DashboardOptions, url = 'http://a:1/', headers = {}, value: string | undefined = 'v') =>
    gateOf(options).gate.cookie(request(url, headers), value, 5_999)
  const plain = 'lifeline_1=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=5'
  expect([set({}), set({ basePath: '/wa' })]).toEqual([plain, plain.replace('Path=/', 'Path=/wa/')])
  const { gate } = gateOf()
  expect(gate.cookie(request('http://a:1/'), undefined, 5_999)).toBe(plain.replace('=v', '=').replace('=5', '=0'))
  const forwarded = { 'x-forwarded-proto': 'https' }
  const secure = [
    set({ publicUrl }, 'http://bot.example.org/wa/'),
    set({}, 'https://a/'),
    set({ trustProxy: true }, 'http://a:1/', forwarded),
  ]
  expect(secure.map((one) => one.endsWith('; Secure'))).toEqual([true, true, true])
  const others = [
    set({ publicUrl: 'http://bot.example.org/' }),
    set({}, 'http://a:1/', forwarded),
    set({ trustProxy: true }, 'http://a:1/', { 'x-forwarded-proto': 'http' }),
    set({ trustProxy: true }),
  ]
  expect(others.map((one) => one.includes('Secure'))).toEqual([false, false, false, false])
})

test.each<[string, string, string | undefined, boolean]>([
  ['an address', 'http://192.0.2.1:80/', undefined, true],
  ['an IPv6 address', 'http://[2001:db8::1]/', undefined, true],
  ['this machine', 'http://localhost/', undefined, true],
  ['a trusted name', 'http://INNER/', undefined, true],
  ['the public name', 'http://bot.example.org/', undefined, true],
  ['another name', 'http://evil.example/', undefined, false],
  ['an address, and another name', 'http://127.0.0.1/', 'evil.example', false],
  ['an address, and a trusted name', 'http://127.0.0.1/', 'inner:80', true],
  ['another name, and an address', 'http://evil.example/', '127.0.0.1', false],
  ['an address, and no name', 'http://127.0.0.1/', 'a b', false],
])('a request is known by %s: %s with %s', (_, url, host, known) => {
  const { gate } = gateOf({ publicUrl, trustedHosts: ['Inner'] })
  const check = () => gate.checkHost(request(url, host === undefined ? {} : { host }))
  if (known) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ status: 421 }))
})

test.each<[string, string, Record<string, string>, 'bearer' | 'cookie', boolean]>([
  ['a program with the token', 'POST', {}, 'bearer', true],
  ['a program with a cookie', 'POST', {}, 'cookie', false],
  ['whoever only reads', 'GET', {}, 'cookie', true],
  ['whoever only asks for the head', 'HEAD', {}, 'cookie', true],
  ['the page', 'POST', { origin: 'http://a:1', 'sec-fetch-site': 'same-origin' }, 'cookie', true],
  ['the public page', 'POST', { origin: 'https://bot.example.org' }, 'cookie', true],
  ['another port', 'POST', { origin: 'http://a:2' }, 'cookie', false],
  ['another site with a token', 'POST', { origin: 'http://evil.example' }, 'bearer', false],
  ['another site that reads', 'GET', { origin: 'http://evil.example' }, 'cookie', false],
  ['what is no origin', 'GET', { origin: 'null' }, 'cookie', false],
  ['a sibling site', 'GET', { 'sec-fetch-site': 'same-site' }, 'cookie', false],
  ['an address that was typed', 'GET', { 'sec-fetch-site': 'none' }, 'cookie', true],
  ['an address that was typed, to change something', 'POST', { 'sec-fetch-site': 'none' }, 'bearer', false],
])('%s may ask by %s with %j and a %s, or not', (_, method, headers, by, may) => {
  const check = () => gateOf({ publicUrl }).gate.checkOrigin(request('http://a:1/', headers, method), { by })
  if (may) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ status: 403 }))
})

test('a visitor is who his token, his cookie or his machine says, in this order', () => {
  const { gate, sessions } = gateOf({ trustLoopback: true })
  const cookie = `lifeline_1=${sessions.begin({ who: 'guest', account: 'a' }, 1_000)}`
  const bearer = { authorization: `bearer  ${token} ` }
  const who = (headers: Record<string, string>, caller = here, url = 'http://127.0.0.1:1/') => {
    const viewer = gate.identify(request(url, headers), caller)
    return [viewer.who, viewer.by, viewer.session?.account]
  }
  expect(who({ ...bearer, cookie })).toEqual(['owner', 'bearer', undefined])
  expect(() => who({ authorization: 'Bearer wrong', cookie })).toThrow(expect.objectContaining({ status: 401 }))
  expect(who({ cookie })).toEqual(['guest', 'cookie', 'a'])
  const local = ['owner', 'loopback', undefined]
  expect([who({ cookie: 'lifeline_1=x' }), who({}), who({ authorization: 'Basic x' })]).toEqual([local, local, local])
  const nobody = ['nobody', 'nothing', undefined]
  for (const header of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'])
    expect(who({ [header]: '1' }), header).toEqual(nobody)
  expect(who({ host: 'inner' })).toEqual(nobody)
  expect(who({}, here, 'http://192.0.2.1:1/')).toEqual(nobody)
  for (const caller of [{ address: undefined }, { address: '192.0.2.1' }, { httpVersion: '1.0' }])
    expect(who({}, { ...here, ...caller })).toEqual(nobody)
  expect(gateOf().gate.identify(request('http://127.0.0.1:1/'), here)).toEqual({ who: 'nobody', by: 'nothing' })
})

test('wrong secrets are counted by address, and past ten of them that one waits; a right one is let in all the same', () => {
  const { gate } = gateOf()
  const wrong = (from: string, shown?: 'link' | 'sign-in') => {
    try {
      return gate.tried(request('http://a/'), { ...here, address: from }, () => undefined, shown)
    } catch (error) {
      return error as { status: number; message: string; retryAfterMs?: number; remediation: string }
    }
  }
  for (let n = 0; n < 10; n += 1) expect(wrong('192.0.2.1')).toMatchObject({ status: 401 })
  clock.now += 30_500
  expect(wrong('192.0.2.1')).toMatchObject({ status: 429, remediation: 'Wait 30 s and try again.' })
  expect(wrong('192.0.2.2')).toMatchObject({ status: 401, message: 'This does not let you in.' })
  expect(wrong('192.0.2.2', 'link')).toMatchObject({ message: 'This link does not work any more.' })
  expect(wrong('192.0.2.2', 'sign-in')).toMatchObject({ message: 'This link does not sign you in any more.' })
  expect(gate.tried(request('http://a/'), { ...here, address: '192.0.2.1' }, () => 'found')).toBe('found')
  clock.now += 29_500
  expect(wrong('192.0.2.1')).toMatchObject({ status: 401 })
})

test('behind a trusted proxy the visitor is the last whom it names, and without one who calls', () => {
  const counted = (options: DashboardOptions, headers: Record<string, string>, caller: Caller) => {
    const { gate, tries } = gateOf(options)
    for (let n = 0; n < 10; n += 1)
      expect(() => gate.tried(request('http://a/', headers), caller, () => undefined)).toThrow()
    return ['198.51.100.1', '198.51.100.2', '127.0.0.1', 'unknown'].filter((address) => tries.waitMs(address) > 0)
  }
  const named = { 'x-forwarded-for': '198.51.100.1, 198.51.100.2 ' }
  expect(counted({ trustProxy: true }, named, here)).toEqual(['198.51.100.2'])
  expect(counted({}, named, here)).toEqual(['127.0.0.1'])
  for (const none of [{}, { 'x-forwarded-for': ' ' }, { 'x-forwarded-for': '198.51.100.1,' }])
    expect(counted({ trustProxy: true }, none, here)).toEqual(['127.0.0.1'])
  expect(counted({}, {}, { ...here, address: undefined })).toEqual(['unknown'])
})

test('tries are forgotten a minute after the first one', () => {
  const at = { now: 0 }
  const tries = new WrongTries(() => at.now)
  for (let n = 0; n < 9; n += 1) tries.add('::ffff:192.0.2.1')
  expect(tries.waitMs('192.0.2.1')).toBe(0)
  tries.add('192.0.2.1')
  expect(tries.waitMs('192.0.2.1')).toBe(60_000)
  at.now = 60_000
  expect(tries.waitMs('192.0.2.1')).toBe(0)
  tries.add('192.0.2.1')
  expect([tries.waitMs('192.0.2.1'), tries.size]).toEqual([0, 1])
  for (const one of ['2001:db8:1:2::1', '2001:0db8:1:2:3:4:5:6', '2001:DB8:1:2::']) tries.add(one)
  expect(tries.size).toBe(2)
  tries.add('2001:db8:1:3::1')
  expect(tries.size).toBe(3)
})

test('a caller is told in one form, whoever tells of him', () => {
  let dropped = 0
  const outgoing = { destroy: () => (dropped += 1) }
  const socket = { remoteAddress: '192.0.2.1', localAddress: '192.0.2.2', localPort: 80 }
  const whole = callerOf({ incoming: { socket, httpVersion: '1.1' }, outgoing })
  expect(whole).toMatchObject({
    ...{ address: '192.0.2.1', httpVersion: '1.1', own: { address: '192.0.2.2', port: 80 } },
  })
  whole.drop()
  expect(dropped).toBe(1)
  const { localAddress: _, ...noAddress } = socket
  const { localPort: __, ...noPort } = socket
  for (const less of [noAddress, noPort]) expect(callerOf({ incoming: { socket: less } })).not.toHaveProperty('own')
  const bare = callerOf({ incoming: {} })
  bare.drop()
  expect([bare.address, callerOf({ remoteAddress: 'x' }).address, callerOf(undefined).address]).toEqual([
    ...[undefined, 'x', undefined],
  ])
  const local = ['127.0.0.1', '127.9.9.9', '::1', '[::1]', '::ffff:127.0.0.1', 'LOCALHOST']
  expect(local.filter((host) => !isLoopback(host))).toEqual([])
  expect(['128.0.0.1', '::2', '127.example.org', 'local', ''].filter(isLoopback)).toEqual([])
  expect([isAddress('[::1]'), isAddress('1.2.3.4'), isAddress('a.b')]).toEqual([true, true, false])
})

test('a session lasts its time, and ends when it is signed out', () => {
  const at = { now: 0 }
  const sessions = new Sessions(() => at.now)
  const [one, other] = [sessions.begin({ who: 'owner' }, 1_000), sessions.begin({ who: 'owner' }, 2_000)]
  const session = sessions.find(one)
  expect(session).toMatchObject({ who: 'owner', expiresAt: 1_000, ended: false, sawCode: false, spent: false })
  at.now = 999
  expect(sessions.find(one)).toBe(session)
  at.now = 1_000
  expect([sessions.find(one), sessions.find(other)?.expiresAt]).toEqual([undefined, 2_000])
  const found = sessions.find(other)
  sessions.end(other)
  sessions.end('none')
  expect([sessions.find(other), found?.ended]).toEqual([undefined, true])
})
