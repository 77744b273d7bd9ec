import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createDashboardWith } from '../../src/dashboard/dashboard.ts'
import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.ts'
import { isProof } from '../../src/dashboard/proof.ts'
import { fileAuthStore } from '../../src/index.ts'
import { createLifeline } from '../../src/line/create-lifeline.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { ask, json, own, refusal, Watching } from './visitor.ts'

const token = 'a-token-of-more-than-128-bits'
const code = '2@the-code,that-links-a-device'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const dashboard of opened.splice(0)) await dashboard.close()
})

interface Stage {
  readonly url: string
  readonly a: ScriptedAccount
  readonly dashboard: ReturnType<typeof createDashboardWith>
  /** Moves the clock of the dashboard. */
  readonly later: (ms: number) => void
}

/** A dashboard of two accounts, both of which show a code, that wants the token of everybody. */
async function guarded(options: DashboardOptions = {}): Promise<Stage> {
  let aheadMs = 0
  const accounts = [new ScriptedAccount('a'), new ScriptedAccount('b')] as const
  const expiresAt = Date.now() + 3_600_000
  accounts[0].showCode(code, 1, expiresAt)
  accounts[1].showCode('2@of-the-other', 1, expiresAt)
  const dashboard = createDashboardWith(accounts, { token, ...options }, { now: () => Date.now() + aheadMs })
  opened.push(dashboard)
  const { port } = await dashboard.serve({ port: 0 })
  const url = `http://127.0.0.1:${port}/`
  const later = (ms: number) => {
    aheadMs += ms
  }
  return { url, a: accounts[0], dashboard, later }
}

const bearer = (secret = token) => ({ authorization: `Bearer ${secret}` })
const cookieOf = (setCookie: readonly string[] | undefined): string => (setCookie?.[0] ?? '').split(';')[0] ?? ''

async function signIn(url: string, secret = token) {
  return ask(url, '/api/session', { method: 'POST', headers: own(url), body: JSON.stringify({ token: secret }) })
}

/** Makes a link as its owner, and gives the secret of it. */
async function linkTo(url: string, account: string): Promise<string> {
  const made = await ask(url, `/api/accounts/${account}/links`, {
    method: 'POST',
    headers: own(url, bearer()),
    body: '{}',
  })
  return (json(made) as { url: string }).url.split('#')[1] ?? ''
}

const redeem = (url: string, secret: string) =>
  ask(url, '/api/links/redeem', { method: 'POST', headers: own(url), body: JSON.stringify({ secret }) })

const secretPaths = [
  ...['/api/stream', '/api/accounts/a/timeline', '/api/accounts/a/quarantine', '/status.json', '/metrics'],
]
const changes = [
  ...['reconnect', 'prune-failing', 'prune-all', 'relink', 'restore', 'pairing-code'].map(
    (action) => `/api/accounts/a/actions/${action}`,
  ),
  '/api/accounts/a/links',
  '/api/sign-in/links',
]

describe('Without the token', () => {
  test('nothing with state is shown and nothing is done; the page and the probes say nothing of accounts', async () => {
    const { url, a } = await guarded()
    for (const path of secretPaths) expect(refusal(await ask(url, path)), path).toBe('401 TOKEN_NEEDED')
    for (const path of changes)
      expect(refusal(await ask(url, path, { method: 'POST', headers: own(url), body: '{}' })), path).toBe(
        '401 TOKEN_NEEDED',
      )
    expect(a.asked).toEqual([])
    for (const path of ['/', '/link', '/sign-in', '/healthz', '/readyz', '/api/session']) {
      const { body } = await ask(url, path)
      expect(body.includes(code) || body.includes('"account'), path).toBe(false)
    }
    expect(json(await ask(url, '/healthz'))).toEqual({ ok: false })
    expect(json(await ask(url, '/api/session'))).toEqual({ who: 'nobody' })
  })

  test('an address that others reach is not served at all', async () => {
    const dashboard = createDashboard(new ScriptedAccount())
    opened.push(dashboard)
    for (const host of ['0.0.0.0', '::', '192.0.2.1'])
      await expect(dashboard.serve({ port: 0, host })).rejects.toMatchObject({
        code: 'DASHBOARD_TOKEN_NEEDED',
        remediation: expect.stringContaining('127.0.0.1'),
      })
  })

  test('on this machine too nobody is let in, whatever he claims', async () => {
    const { url } = await guarded()
    for (const headers of [{}, { host: 'localhost:1' }, { 'x-forwarded-for': '127.0.0.1' }])
      expect(json(await ask(url, '/api/session', { headers }))).toEqual({ who: 'nobody' })
  })

  test('with trustLoopback the page is let in on this machine, unless a proxy or a foreign name is between', async () => {
    const dashboard = createDashboard(new ScriptedAccount(), { trustLoopback: true })
    opened.push(dashboard)
    const { url } = await dashboard.serve({ port: 0 })
    const who = async (headers: Readonly<Record<string, string>>) =>
      (json(await ask(url, '/api/session', { headers })) as { who: string }).who
    expect(await who({})).toBe('owner')
    expect(await who({ host: 'localhost:1' })).toBe('owner')
    for (const header of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])
      expect(await who({ [header]: '127.0.0.1' }), header).toBe('nobody')
    expect(await who({ host: '192.168.1.5:80' })).toBe('nobody')
    const old = await new Promise<string>((resolve) => {
      const { hostname, port } = new URL(url)
      let heard = ''
      const socket = createConnection({ host: hostname, port: Number(port) }, () =>
        socket.write(`GET /api/session HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`),
      )
      socket.on('data', (chunk) => {
        heard += chunk
      })
      socket.on('close', () => resolve(heard))
    })
    expect(old).toContain('{"who":"nobody"}')
    const handed = await dashboard.fetch(new Request('http://localhost/api/session'))
    expect(await handed.json()).toEqual({ who: 'nobody' })
  })
})

describe('The token', () => {
  test('lets in as a bearer, or once for a cookie that no script and no other site can use', async () => {
    const { url } = await guarded()
    expect((await ask(url, '/status.json', { headers: bearer() })).status).toBe(200)
    const { status, headers } = await signIn(url)
    expect(status).toBe(204)
    expect(headers['set-cookie']?.[0]).toMatch(
      /^lifeline_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    const cookie = cookieOf(headers['set-cookie'])
    expect(cookie).not.toContain(token)
    expect(json(await ask(url, '/api/session', { headers: { cookie } }))).toMatchObject({ who: 'owner' })
    const out = await ask(url, '/api/session', { method: 'DELETE', headers: own(url, { cookie }) })
    expect(out.headers['set-cookie']?.[0]).toContain('Max-Age=0')
    expect(json(await ask(url, '/api/session', { headers: { cookie } }))).toEqual({ who: 'nobody' })
  })

  test('makes a cookie that is only sent over TLS where the dashboard is reached by it', async () => {
    const { url } = await guarded({ publicUrl: 'https://bot.example.org/ops/' })
    const headers = own(url, { origin: 'https://bot.example.org', host: 'bot.example.org' })
    const answer = await ask(url, '/ops/api/session', { method: 'POST', headers, body: JSON.stringify({ token }) })
    expect(answer.headers['set-cookie']?.[0]).toMatch(/Path=\/ops\/; HttpOnly; SameSite=Strict; .*Secure/)
  })

  test('lets nobody in from an address, so it never stands in a log', async () => {
    const { url } = await guarded()
    for (const query of [
      `token=${token}`,
      `access_token=${token}`,
      `bearer=${token}`,
      `authorization=Bearer%20${token}`,
    ])
      expect(refusal(await ask(url, `/status.json?${query}`))).toBe('401 TOKEN_NEEDED')
  })

  test('ends with its session: a stolen cookie is worth nothing later', async () => {
    const { url, later } = await guarded({ sessionMs: 60_000 })
    const cookie = cookieOf((await signIn(url)).headers['set-cookie'])
    const watching = await Watching.at(url, { cookie })
    await watching.sees(({ event }) => event === 'snapshot')
    expect((await ask(url, '/status.json', { headers: { cookie } })).status).toBe(200)
    later(60_001)
    expect(refusal(await ask(url, '/status.json', { headers: { cookie } }))).toBe('401 TOKEN_NEEDED')
  })

  test('is let in however many wrong ones came from its address, by bearer, by page and by link', async () => {
    const { url } = await guarded()
    for (let n = 0; n < 10; n++) expect(refusal(await signIn(url, `wrong-${n}`))).toBe('401 TOKEN_WRONG')
    const waiting = await signIn(url, 'wrong')
    expect(refusal(waiting)).toBe('429 TOO_MANY_TRIES')
    expect(Number(waiting.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(waiting.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect((await signIn(url)).status).toBe(204)
    expect((await ask(url, '/status.json', { headers: bearer() })).status).toBe(200)
    expect((await redeem(url, await linkTo(url, 'a'))).status).toBe(204)
  })

  test('makes wrong ones wait by the address of the visitor behind a trusted proxy, and 20,000 fill no memory', async () => {
    const { dashboard, later } = await guarded({ trustProxy: true })
    const from = async (visitor: string, secret = 'wrong') => {
      const headers = { ...bearer(secret), 'x-forwarded-for': `${secret}, ${visitor}` }
      return (await dashboard.fetch(new Request('http://127.0.0.1/status.json', { headers }))).status
    }
    for (let n = 0; n < 10; n++) expect(await from('10.0.0.1')).toBe(401)
    expect([await from('10.0.0.1'), await from('10.0.0.2'), await from('10.0.0.1', token)]).toEqual([429, 401, 200])
    for (let n = 0; n < 20_000; n++) dashboard.parts.tries.add(`11.${n >> 8}.${n & 255}.1`)
    expect(dashboard.parts.tries.size).toBeLessThanOrEqual(10_000)
    later(60_001)
    expect(await from('10.0.0.1')).toBe(401)
  })

  test('counts an IPv6 customer once, however many addresses it has', async () => {
    const { dashboard } = await guarded({ trustProxy: true })
    const from = async (address: string) => {
      const headers = { ...bearer('wrong'), 'x-forwarded-for': address }
      return (await dashboard.fetch(new Request('http://127.0.0.1/status.json', { headers }))).status
    }
    for (let n = 0; n < 10; n++) expect(await from(`2001:db8:1:2::${n.toString(16)}`)).toBe(401)
    expect(await from('2001:0db8:0001:0002:ffff:1:2:3')).toBe(429)
    expect(await from('2001:db8:1:3::1')).toBe(401)
    expect(await from('::ffff:10.0.0.1')).toBe(401)
  })

  test('is made on first start with 256 bits that only its owner may read, and kept', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'lifeline-token-')), 'auth')
    const line = createLifeline({ auth: fileAuthStore(folder), connect: () => Promise.reject(new Error('no')) })
    opened.push(createDashboard(line))
    const file = join(folder, '.lifeline', 'dashboard-token')
    const made = await readFile(file, 'utf8')
    expect(made).toMatch(/^[\w-]{43}\n$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, '.lifeline')).mode & 0o777).toBe(0o700)
    const again = createDashboard(line)
    opened.push(again)
    expect(await readFile(file, 'utf8')).toBe(made)
    const { url } = await again.serve({ port: 0, host: '0.0.0.0' })
    const { port } = new URL(url)
    expect((await ask(`http://127.0.0.1:${port}/`, '/status.json', { headers: bearer(made.trim()) })).status).toBe(200)
  })

  test('is refused if others may read its file, or if it is too short', () => {
    const tokenFile = join(mkdtempSync(join(tmpdir(), 'lifeline-token-')), 'token')
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o644 })
    const line = new ScriptedAccount()
    expect(() => createDashboard(line, { tokenFile })).toThrow(
      expect.objectContaining({ code: 'DASHBOARD_TOKEN_FILE' }),
    )
    expect(() => createDashboard(line, { token: 'short' })).toThrow(
      expect.objectContaining({ path: 'createDashboard.token' }),
    )
  })
})

describe('A foreign site', () => {
  test('that has rebound its name to this machine is refused by that name', async () => {
    const { url } = await guarded({ trustedHosts: ['bot.lan'] })
    for (const host of [
      'evil.example',
      `evil.example:${new URL(url).port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
    ])
      for (const path of ['/', '/healthz', '/api/session', '/status.json'])
        expect(refusal(await ask(url, path, { headers: { host, ...bearer() } })), host).toBe('421 HOST_UNKNOWN')
    for (const host of ['bot.lan:81', 'localhost', '127.0.0.1', '[::1]', '192.168.1.7:80'])
      expect((await ask(url, '/status.json', { headers: { host, ...bearer() } })).status, host).toBe(200)
    expect((await ask(url, 'http://evil.example/status.json', { headers: bearer() })).status).toBe(421)
  })

  test('changes nothing and hears nothing, whatever it sends along', async () => {
    const { url, a } = await guarded()
    const cookie = cookieOf((await signIn(url)).headers['set-cookie'])
    const { origin } = new URL(url)
    const foreign: Readonly<Record<string, string>>[] = [
      ...['https://evil.example', 'null', `${origin}.evil.example`, 'http://127.0.0.1:1'].map((one) => ({
        origin: one,
      })),
      { origin, 'sec-fetch-site': 'cross-site' },
      { origin, 'sec-fetch-site': 'same-site' },
      { origin, 'sec-fetch-site': 'none' },
    ]
    const type = { 'content-type': 'application/json' }
    for (const headers of [...foreign, {}])
      for (const path of changes)
        expect(
          refusal(await ask(url, path, { method: 'POST', headers: { cookie, ...type, ...headers }, body: '{}' })),
          `${path} ${JSON.stringify(headers)}`,
        ).toBe('403 ORIGIN_FOREIGN')
    expect(a.asked).toEqual([])
    for (const headers of foreign.slice(0, -1))
      expect(refusal(await ask(url, '/api/stream', { headers: { cookie, ...headers } }))).toBe('403 ORIGIN_FOREIGN')
    const asking = await ask(url, '/api/accounts/a/actions/relink', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(asking.status).toBe(405)
    expect(Object.keys(asking.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('cannot send a form in the place of JSON', async () => {
    const { url } = await guarded()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', ''])
      expect(
        refusal(
          await ask(url, '/api/accounts/a/actions/relink', {
            method: 'POST',
            headers: { ...own(url, bearer()), 'content-type': type },
            body: '{}',
          }),
        ),
      ).toBe('415 BODY_NOT_JSON')
  })

  test('cannot frame the page, run code in it or keep what it shows', async () => {
    const { url } = await guarded()
    for (const path of ['/', '/link', '/api/session', '/healthz', '/nowhere', '/status.json']) {
      const { headers } = await ask(url, path)
      const policy = headers['content-security-policy'] ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      expect(headers['cache-control']).toBe(path === '/' || path === '/link' ? 'no-cache' : 'no-store')
    }
  })
})

describe('A one-time link', () => {
  test('shows one code to one guest, and lets him do nothing', async () => {
    const { url, a } = await guarded()
    const secret = await linkTo(url, 'a')
    const cookie = cookieOf((await redeem(url, secret)).headers['set-cookie'])
    expect(json(await ask(url, '/api/session', { headers: { cookie } }))).toMatchObject({ who: 'guest', account: 'a' })
    const watching = await Watching.at(url, { cookie })
    const { data } = await watching.sees(({ event }) => event === 'snapshot')
    expect(data.accounts.map(({ account, qr }) => [account, qr?.code])).toEqual([['a', code]])
    expect(data.accounts[0]).toMatchObject({ place: [], trail: [], can: { relink: false, link: false } })
    for (const path of [...secretPaths.slice(1), '/api/accounts/b/timeline'])
      expect(refusal(await ask(url, path, { headers: { cookie } })), path).toBe('403 GUEST')
    for (const path of changes)
      expect(refusal(await ask(url, path, { method: 'POST', headers: own(url, { cookie }), body: '{}' }))).toBe(
        '403 GUEST',
      )
    expect(a.asked).toEqual([])
    watching.leave()
  })

  test('works once', async () => {
    const { url } = await guarded()
    const secret = await linkTo(url, 'a')
    expect((await redeem(url, secret)).status).toBe(204)
    expect(refusal(await redeem(url, secret))).toBe('401 TOKEN_WRONG')
  })

  test('works for its time only, and so does the guest that it let in', async () => {
    const { url, later } = await guarded({ linkMs: 60_000 })
    const [first, second] = [await linkTo(url, 'a'), await linkTo(url, 'a')]
    const cookie = cookieOf((await redeem(url, second)).headers['set-cookie'])
    later(60_001)
    expect(refusal(await redeem(url, first))).toBe('401 TOKEN_WRONG')
    expect(refusal(await ask(url, '/api/stream', { headers: { cookie } }))).toBe('401 TOKEN_NEEDED')
  })

  test('shows no later code once the account was linked with it', async () => {
    const { url, a } = await guarded()
    const cookie = cookieOf((await redeem(url, await linkTo(url, 'a'))).headers['set-cookie'])
    const watching = await Watching.at(url, { cookie })
    await watching.sees(({ data }) => data.accounts[0]?.qr?.code === code)
    a.become('healthy')
    const connected = await watching.sees(({ data }) => data.accounts[0]?.label === 'Connected')
    a.showCode('2@for-somebody-else', 2)
    await watching.sees(
      (told) => watching.told.indexOf(told) > watching.told.indexOf(connected) && told.event === 'changes',
    )
    expect(JSON.stringify(watching.told)).not.toContain('for-somebody-else')
    watching.leave()
  })

  test('cannot be guessed, and guesses are counted', async () => {
    const { url } = await guarded()
    for (let n = 0; n < 10; n++) expect(refusal(await redeem(url, `guess-${n}`))).toBe('401 TOKEN_WRONG')
    expect(refusal(await redeem(url, 'guess-11'))).toBe('429 TOO_MANY_TRIES')
  })

  test('bears its secret in the fragment, which no server and no proxy sees', async () => {
    const { url } = await guarded()
    const made = await ask(url, '/api/accounts/a/links', { method: 'POST', headers: own(url, bearer()), body: '{}' })
    const { url: link } = json(made) as { url: string }
    expect(new URL(link)).toMatchObject({ pathname: '/link', search: '', hash: expect.stringMatching(/^#[\w-]{43}$/) })
  })
})

describe('A sign-in link', () => {
  const exchange = (url: string, secret: string) =>
    ask(url, '/api/sign-in', { method: 'POST', headers: own(url), body: JSON.stringify({ secret }) })

  test('is exchanged for the cookie of an owner, once and within its time', async () => {
    const { url, dashboard, later } = await guarded()
    const link = new URL(dashboard.signInUrl())
    expect(link).toMatchObject({ pathname: '/sign-in', search: '', hash: expect.stringMatching(/^#[\w-]{43}$/) })
    const answer = await exchange(url, link.hash.slice(1))
    const cookie = cookieOf(answer.headers['set-cookie'])
    expect(json(await ask(url, '/api/session', { headers: { cookie } }))).toMatchObject({ who: 'owner' })
    expect((await ask(url, '/status.json', { headers: { cookie } })).status).toBe(200)
    expect(refusal(await exchange(url, link.hash.slice(1)))).toBe('401 TOKEN_WRONG')
    const second = new URL(dashboard.signInUrl()).hash.slice(1)
    later(900_001)
    expect(refusal(await exchange(url, second))).toBe('401 TOKEN_WRONG')
  })

  test('is no link to a code, and a link to a code signs nobody in', async () => {
    const { url, dashboard } = await guarded()
    expect(refusal(await redeem(url, new URL(dashboard.signInUrl()).hash.slice(1)))).toBe('401 TOKEN_WRONG')
    expect(refusal(await exchange(url, await linkTo(url, 'a')))).toBe('401 TOKEN_WRONG')
  })

  test('is taken from the page of the dashboard alone, and made by an owner alone', async () => {
    const { url, dashboard } = await guarded()
    const secret = new URL(dashboard.signInUrl()).hash.slice(1)
    const foreign = { 'content-type': 'application/json', origin: 'https://evil.example' }
    const taken = { method: 'POST', headers: foreign, body: JSON.stringify({ secret }) }
    expect(refusal(await ask(url, '/api/sign-in', taken))).toBe('403 ORIGIN_FOREIGN')
    const made = await ask(url, '/api/sign-in/links', { method: 'POST', headers: own(url, bearer()), body: '{}' })
    const { url: link } = json(made) as { url: string }
    expect((await exchange(url, new URL(link).hash.slice(1))).status).toBe(204)
  })
})

describe('A challenge', () => {
  const nonce = 'n'.repeat(43)
  const challenged = (url: string, headers = {}, given = nonce) => ask(url, `/api/proof?nonce=${given}`, { headers })

  test('is answered with what only the token and this port give, and tells nothing of the token', async () => {
    const { url } = await guarded()
    const { proof } = json(await challenged(url)) as { proof: string }
    const { port } = new URL(url)
    expect(isProof(proof, token, nonce, Number(port))).toBe(true)
    expect(isProof(proof, token, nonce, Number(port) + 1)).toBe(false)
    expect(isProof(proof, `${token}x`, nonce, Number(port))).toBe(false)
    expect(isProof(proof, token, 'm'.repeat(43), Number(port))).toBe(false)
  })

  test('that is none, or that comes from elsewhere, is not answered', async () => {
    const { url } = await guarded()
    for (const given of ['', 'short', `${nonce}n`, '%00'.repeat(43)])
      expect((await challenged(url, {}, given)).status, given).toBe(404)
    expect((await challenged(url, { 'x-forwarded-for': '10.0.0.1' })).status).toBe(404)
  })
})

describe('Odd requests', () => {
  test('no path leads out of the folder of the page', async () => {
    const { url } = await guarded()
    for (const path of [
      ...['/assets/../package.json', '/assets/..%2f..%2fpackage.json', '/assets/%2e%2e/index.html', '/assets/....//x'],
      ...[
        '/assets/%00',
        '/assets/',
        '/assets/../../../../../../etc/passwd',
        '/assets/..%5c..%5cpackage.json',
        '/package.json',
      ],
      ...['//etc/passwd', '/assets/account-view.d.ts', '/assets/index.js.map'],
    ]) {
      const { status, body } = await ask(url, path)
      expect([400, 404], path).toContain(status)
      expect(body).not.toMatch(/baileys-lifeline|root:/)
    }
  })

  test('a method is what it is: nothing is done by GET, nothing by a header that claims another', async () => {
    const { url, a } = await guarded()
    for (const path of changes) {
      expect(refusal(await ask(url, path, { headers: bearer() })), path).toBe('405 METHOD_WRONG')
      const claimed = { ...own(url, bearer()), 'x-http-method-override': 'POST' }
      expect(refusal(await ask(url, `${path}?_method=POST`, { headers: claimed }))).toBe('405 METHOD_WRONG')
    }
    for (const method of ['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'])
      expect(
        (await ask(url, '/api/stream', { method, headers: own(url, bearer()) })).status,
        method,
      ).toBeGreaterThanOrEqual(400)
    expect(a.asked).toEqual([])
    const head = await ask(url, '/api/stream', { method: 'HEAD', headers: bearer() })
    expect([head.status, head.body]).toEqual([200, ''])
  })

  test('a body is read no further than it may be long, said or unsaid', async () => {
    const { url } = await guarded()
    const giant = Buffer.alloc(4 * 1024 * 1024, 'x')
    const headers = own(url, bearer())
    const path = '/api/accounts/a/actions/restore'
    const outcome = (more: Readonly<Record<string, string>>) =>
      ask(url, path, { method: 'POST', headers: { ...headers, ...more }, body: giant }).then(refusal, () => 'cut off')
    expect(['413 BODY_TOO_LARGE', 'cut off']).toContain(await outcome({}))
    expect(['413 BODY_TOO_LARGE', 'cut off']).toContain(await outcome({ 'transfer-encoding': 'chunked' }))
    expect((await ask(url, '/healthz')).status).toBe(503)
    for (const body of ['', '[]', '"x"', '{', '{"id":1}', `{"id":"${'x'.repeat(300)}"}`])
      expect(refusal(await ask(url, path, { method: 'POST', headers, body }))).toBe('400 BODY_INVALID')
  })

  test('accounts and actions that are not there are not found, whatever their name', async () => {
    const { url } = await guarded()
    for (const name of ['c', '__proto__', 'constructor', '..', '%00', 'a%2fb'])
      expect((await ask(url, `/api/accounts/${name}/timeline`, { headers: bearer() })).status, name).toBe(404)
    for (const name of ['nothing', 'constructor', '__proto__', 'toString'])
      expect(
        (await ask(url, `/api/accounts/a/actions/${name}`, { method: 'POST', headers: own(url, bearer()), body: '{}' }))
          .status,
        name,
      ).toBe(404)
  })
})
