import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { act } from '../../src/dashboard/actions.ts'
import { createDashboardWith } from '../../src/dashboard/dashboard.ts'
import { labelOf } from '../../src/dashboard/labels.ts'
import { PageFiles } from '../../src/dashboard/page-files.ts'
import { failureResponse, Refusal, refusalOf } from '../../src/dashboard/refusal.ts'
import { requestBody } from '../../src/dashboard/request-body.ts'
import { versionsOf } from '../../src/dashboard/versions.ts'
import { LifelineError, type Status } from '../../src/index.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

const at = 'http://127.0.0.1:1'
const token = 'a-token-of-more-than-128-bits'

test.each<[string, string | undefined, Record<string, string>, unknown]>([
  ['an object', '{"a":1}', {}, { a: 1 }],
  ['nothing', undefined, {}, {}],
  ['an object with its charset', '{}', { 'content-type': 'Application/JSON ; charset=utf-8' }, {}],
  ['another kind', '{}', { 'content-type': 'application/jsonp' }, 415],
  ['a form', 'a=1', { 'content-type': 'text/plain' }, 415],
  ['an array', '[]', {}, 400],
  ['null', 'null', {}, 400],
  ['a number', '7', {}, 400],
  ['no JSON', '{', {}, 400],
  ['as much as it may be', `{"a":"${'x'.repeat(16_384 - 8)}"}`, {}, { a: 'x'.repeat(16_384 - 8) }],
  ['more than it may be', `{"a":"${'x'.repeat(16_384 - 7)}"}`, {}, 413],
  ['more, as it says', '{}', { 'content-length': '16385' }, 413],
])('a body that is %s is read, or refused', async (_, body, headers, expected) => {
  const given = { 'content-type': 'application/json', ...headers }
  const said = requestBody(new Request(at, { method: 'POST', headers: given, ...(body === undefined ? {} : { body }) }))
  if (typeof expected === 'number') await expect(said).rejects.toMatchObject({ status: expected })
  else expect(await said).toEqual(expected)
})

test('a refusal says what it is, what to do, when to come again, and whom it is told by', async () => {
  const told = async (error: unknown) => {
    const answer = failureResponse(refusalOf(error))
    return [
      answer.status,
      await answer.json(),
      answer.headers.get('retry-after'),
      answer.headers.get('www-authenticate'),
    ]
  }
  const refusal = new Refusal(503, 'FULL', 'It is full.', 'Come again.', 1_001)
  expect(refusalOf(refusal)).toBe(refusal)
  const view = { code: 'FULL', message: 'It is full.', remediation: 'Come again.' }
  expect(await told(refusal)).toEqual([503, { error: { ...view, retryAfterMs: 1_001 } }, '2', null])
  expect((await told(new Refusal(429, 'X', 'm', 'r', 0)))[2]).toBe('1')
  expect(await told(new Refusal(401, 'FULL', 'It is full.', 'Come again.'))).toEqual([
    401,
    { error: view },
    null,
    'Bearer',
  ])
  for (const [code, status] of [
    ...([
      ['AUTH_STORE_NOT_FOUND', 404],
      ['PHONE_INVALID', 400],
      ['OPTIONS_INVALID', 400],
      ['AUTH_STORE_DISK', 503],
    ] as const),
    ['OTHER', 409],
  ] as const)
    expect((await told(new LifelineError(code, 'm', 'r'))).slice(0, 2)).toEqual([
      status,
      { error: { code, message: 'm', remediation: 'r' } },
    ])
  expect((await told('broke'))[0]).toBe(500)
})

test('an action is done as the line does it, and what it needs has to be there', async () => {
  const account = new ScriptedAccount()
  const done = (name: string, body: object = {}) => act(account, name, body as never)
  expect(await done('reconnect')).toEqual({ ok: true })
  expect([await done('prune-failing'), await done('relink')]).toEqual([{ ok: true }, { ok: true }])
  expect(await done('restore', { id: 'e1' })).toEqual({ ok: true, restored: ['session-1.json'] })
  expect(await done('restore', { id: 'e2', force: true })).toMatchObject({ ok: true })
  await done('restore', { id: 'e3', force: 'yes' })
  expect(await done('pairing-code', { phone: '49' })).toEqual({ ok: true, pairingCode: 'ABCD1234' })
  await expect(done('prune-all')).rejects.toMatchObject({ code: 'REFUSED' })
  expect(account.asked).toEqual([
    ...['reconnect', 'prune failing', 'relink', 'restore e1', 'restore e2 by force', 'restore e3'],
    ...['pairing code for 49', 'prune all'],
  ])
  for (const body of [{}, { id: '' }, { id: 7 }, { id: 'x'.repeat(201) }])
    await expect(done('restore', body)).rejects.toMatchObject({ status: 400 })
  await expect(done('pairing-code', { phone: '4'.repeat(41) })).rejects.toMatchObject({ status: 400 })
  for (const none of ['toString', 'none']) expect(() => done(none)).toThrow(expect.objectContaining({ status: 404 }))
})

/** A guest of the account who has come by a link, and what he is answered. */
function guestOf(account: ScriptedAccount) {
  const dashboard = createDashboardWith(account, { token }, {})
  onTestFinished(() => dashboard.close())
  const { sessions } = dashboard.parts
  const secret = sessions.begin({ who: 'guest', account: account.account }, 60_000)
  const asks = async (path: string, cookie = secret) => {
    const headers = { 'content-type': 'application/json', origin: at, cookie: `lifeline_1=${cookie}` }
    const body = '{"phone":"49"}'
    const answer = await dashboard.fetch(new Request(`${at}/api/links/${path}`, { method: 'POST', headers, body }))
    const said = await answer.text()
    return [answer.status, said === '' ? undefined : (JSON.parse(said).error?.message ?? JSON.parse(said))]
  }
  const owner = sessions.begin({ who: 'owner' }, 60_000)
  const other = sessions.begin({ who: 'guest', account: 'other' }, 60_000)
  return { asks, session: sessions.find(secret), owner, other }
}
const used = { userAction: 'scan-code', remedies: ['show-code'] } as Partial<Status>

test('a guest has new codes made once, where all were used up, and never by unlinking anybody', async () => {
  const account = new ScriptedAccount()
  const { asks, session, owner, other } = guestOf(account)
  const none = [409, 'No new codes can be asked for now.']
  expect(await asks('code')).toEqual(none)
  account.become('healthy', used)
  expect(await asks('code')).toEqual(none)
  account.become('awaitingQr')
  account.status = { ...account.status, remedies: ['pairing-code'] as never }
  expect(await asks('code')).toEqual(none)
  account.become('awaitingQr', used)
  expect([await asks('code', owner), await asks('code', other)]).toEqual([none, none])
  if (session) session.spent = true
  expect(await asks('code')).toEqual(none)
  if (session) session.spent = false
  expect([account.asked, await asks('code'), account.asked]).toEqual([['relink'], [204, undefined], ['relink']])
  expect(await asks('code')).toEqual([409, 'This link has asked for new codes already.'])
  expect(account.asked).toEqual(['relink'])
})

test('a guest has characters to type while a code is waited for, and has seen a code then', async () => {
  const account = new ScriptedAccount()
  const { asks, session, owner, other } = guestOf(account)
  const none = [409, 'No characters to type can be asked for now.']
  expect(await asks('characters')).toEqual(none)
  account.become('awaitingQr')
  expect([await asks('characters', owner), await asks('characters', other)]).toEqual([none, none])
  expect(session?.sawCode).toBe(false)
  expect([await asks('characters'), session?.sawCode]).toEqual([[200, { ok: true, pairingCode: 'ABCD1234' }], true])
  if (session) session.spent = true
  expect(await asks('characters')).toEqual(none)
})

test('a file of the page is packed as the browser takes it, known again, and nothing else is served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeline-page-'))
  for (const [name, text] of [
    ['index.html', '<html lang="en">'],
    ['index.de.html', '<html lang="de">'],
    ['notes.txt', 'x'],
  ] as const)
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text))
  writeFileSync(join(folder, 'plain.html'), 'x')
  const files = new PageFiles(folder)
  const asked = (name: string, headers: Record<string, string> = {}) => files.answer(name, new Request(at, { headers }))
  const body = async (headers: Record<string, string>) =>
    Buffer.from((await asked('index.html', headers)?.arrayBuffer()) ?? new ArrayBuffer(0))
  expect([asked('notes.txt'), asked('plain.html'), asked('../index.html')]).toEqual([undefined, undefined, undefined])
  expect((await body({})).toString()).toBe('<html lang="en">')
  expect(gunzipSync(await body({ 'accept-encoding': 'gzip' })).toString()).toBe('<html lang="en">')
  expect(await body({ 'accept-encoding': 'gzip, br' })).toEqual(brotliCompressSync('<html lang="en">'))
  const { headers } = asked('index.html', { 'accept-encoding': 'gzip' }) as Response
  expect(Object.fromEntries(headers)).toMatchObject({
    ...{ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', vary: 'accept-encoding' },
    ...{ 'content-encoding': 'gzip', 'content-length': String((await body({ 'accept-encoding': 'gzip' })).length) },
  })
  expect(asked('index.html')?.headers.has('content-encoding')).toBe(false)
  const etag = headers.get('etag') ?? ''
  expect([
    asked('index.html', { 'if-none-match': etag })?.status,
    asked('index.html', { 'if-none-match': 'x' })?.status,
  ]).toEqual([304, 200])
  files.warm()
  expect(() => new PageFiles('/nowhere').warm()).not.toThrow()

  const dashboard = createDashboardWith(new ScriptedAccount(), { token }, { page: folder })
  onTestFinished(() => dashboard.close())
  const page = (path: string, accepts: string) =>
    dashboard.fetch(new Request(`${at}${path}`, { headers: { 'accept-language': accepts } }))
  const german = await page('/', 'de')
  expect([german.headers.get('content-language'), german.headers.get('link')]).toEqual([
    'de',
    expect.stringContaining('api/session'),
  ])
  expect(german.headers.get('vary')).toMatch(/accept-encoding.*accept-language/)
  const link = await page('/link', 'en')
  expect([link.headers.get('content-language'), link.headers.get('link')]).toEqual(['en', null])
  expect((await page('/', 'es')).status).toBe(404)
  expect((await page('/assets/none.js', 'en')).status).toBe(404)
})

test('of a socket that is not of the Baileys beside this package the version of WhatsApp alone is told', async () => {
  const ws = (version: unknown) => ({ ws: { config: { version } } })
  expect(await versionsOf(ws([2, 3000, 7]))).toEqual({ whatsapp: '2.3000.7' })
})

test('of a socket that does not say it in three numbers no version is told', async () => {
  const ws = (version: unknown) => ({ ws: { config: { version } } })
  for (const none of [ws([2, 3000]), ws([2, '3000', 7]), ws('2.3000.7'), {}, undefined, { ws: null }, { ws: 'x' }])
    expect(await versionsOf(none)).toEqual({})
})

test.each<[Status['userAction'], string]>([
  ['ask-whatsapp', 'Blocked by WhatsApp'],
  ['update-client', 'Client refused'],
  ['check-disk', 'Disk in trouble'],
  ['check-other-client', 'In use elsewhere'],
])('a blocked account whose cure is to %s is labelled "%s"', (userAction, label) => {
  const { status } = new ScriptedAccount('a', 'blocked')
  expect(labelOf({ ...status, userAction })).toBe(label)
})
