import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { dashboardOf } from '../../src/cli/gateway-dashboard.ts'
import { type DashboardAddress, readAddress, writeAddress } from '../../src/dashboard/address-file.ts'
import { proofOf } from '../../src/dashboard/proof.ts'

const variable = 'LIFELINE_DASHBOARD_TOKEN'
const token = 'a-token-of-more-than-128-bits'
const url = 'http://127.0.0.1/wa/'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

/** A folder beside which a dashboard has left its address, with its token in a file if it has any. */
async function folderOf(kept?: string, more: Partial<DashboardAddress> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-asked-'))
  const tokenFile = join(folder, 'token')
  if (kept !== undefined) await writeFile(tokenFile, kept)
  const address = { url, account: 'a', pid: 7, ...(kept === undefined ? {} : { tokenFile }), ...more }
  await writeAddress(join(folder, '.lifeline'), address)
  return folder
}

/** What answers there: a proof to a nonce, and that to all else. What it is asked is in the list. */
function answering(said: object, proof: (nonce: string) => Response = (nonce) => proven(nonce)) {
  const asked: { path: string; method: string; headers: unknown; body: unknown; redirect: unknown }[] = []
  vi.stubEnv(variable, undefined)
  vi.stubGlobal('fetch', async (place: URL, { method, headers, body, redirect }: RequestInit) => {
    asked.push({ path: place.href, method: method ?? 'GET', headers, body, redirect })
    const nonce = place.searchParams.get('nonce')
    return nonce === null ? Response.json(said) : proof(nonce)
  })
  return asked
}
const proven = (nonce: string, port = 80, more: ResponseInit = {}, after = '') =>
  new Response(`${JSON.stringify({ proof: proofOf(token, nonce, port) })}${after}`, more)
const type = { 'content-type': 'application/json' }

test('a dashboard that keeps no token in a file is asked as a caller on this machine, by the method that fits', async () => {
  const asked = answering({ done: 1 })
  for (const kept of [undefined, ' \n']) {
    const dashboard = await dashboardOf(await folderOf(kept))
    expect(dashboard).toMatchObject({ url, account: 'a', pid: 7 })
    expect(await dashboard.ask('status.json')).toEqual({ done: 1 })
    expect(await dashboard.ask('api/links', { minutes: 1 })).toEqual({ done: 1 })
    const headers = { ...type, origin: 'http://127.0.0.1' }
    expect(asked.splice(0)).toEqual([
      { path: `${url}status.json`, method: 'GET', headers, body: undefined, redirect: 'error' },
      { path: `${url}api/links`, method: 'POST', headers, body: '{"minutes":1}', redirect: 'error' },
    ])
  }
})

test('a token is sent once the dashboard has proved that it knows it, that of the environment before that of the file', async () => {
  const asked = answering({})
  const told = async () => asked.splice(0).map(({ path, headers }) => [path.split('?')[0], headers])
  const expected = [
    [`${url}api/proof`, undefined],
    [`${url}x`, { ...type, authorization: `Bearer ${token}` }],
  ]
  await (await dashboardOf(await folderOf(` ${token}\n`))).ask('x')
  expect(await told()).toEqual(expected)
  const other = await folderOf('another-token')
  vi.stubEnv(variable, token)
  await (await dashboardOf(other)).ask('x')
  expect(await told()).toEqual(expected)
  vi.stubEnv(variable, '')
  await (await dashboardOf(await folderOf(token))).ask('x')
  expect(await told()).toEqual(expected)
})

test.each<[string, (nonce: string) => Response]>([
  ['a proof of another port', (nonce) => proven(nonce, 8_080)],
  ['a proof of another token', () => Response.json({ proof: proofOf('other', 'x', 80) })],
  ['the right proof as a failure', (nonce) => proven(nonce, 80, { status: 404 })],
  ['the right proof at the head of a long text', (nonce) => proven(nonce, 80, {}, ' '.repeat(1_000))],
  ['no JSON', () => new Response('<html>')],
  ['nothing', () => new Response(null, { status: 204 })],
])('whoever answers with %s is never sent the token', async (_, proof) => {
  const asked = answering({}, proof)
  const folder = await folderOf(token)
  await expect(dashboardOf(folder)).rejects.toMatchObject({
    code: 'DASHBOARD_NOT_RUNNING',
    message: `No dashboard answers for ${folder}.`,
  })
  expect(asked.length).toBe(1)
})

test('with a port of its own it proves that one', async () => {
  answering({}, (nonce) => proven(nonce, 4_747))
  const folder = await folderOf(token, { url: 'http://127.0.0.1:4747/' })
  expect((await dashboardOf(folder)).url).toBe('http://127.0.0.1:4747/')
})

test('what it refuses with is passed on; where it keeps its token to itself, how to give it is told', async () => {
  const refusal = (code: string) => ({ error: { code, message: 'It is so.', remediation: 'Do that.' } })
  const refused = async (code: string, kept?: string) => {
    answering(refusal(code))
    const dashboard = await dashboardOf(await folderOf(kept))
    return dashboard.ask('x').then(
      () => undefined,
      ({ code, message, remediation }) => [code, message, remediation],
    )
  }
  const passedOn = (code: string) => [code, 'It is so.', 'Do that.']
  expect(await refused('ACCOUNT_UNKNOWN')).toEqual(passedOn('ACCOUNT_UNKNOWN'))
  expect(await refused('TOKEN_NEEDED', token)).toEqual(passedOn('TOKEN_NEEDED'))
  expect(await refused('TOKEN_NEEDED')).toEqual([
    'DASHBOARD_TOKEN_KEPT',
    'The program that serves this dashboard keeps its token to itself.',
    `Give the same token as ${variable}.`,
  ])
})

test('an address is there once it is written, and what is none is taken for none', async () => {
  const folder = await folderOf()
  const own = join(folder, '.lifeline')
  expect(await readAddress(own)).toEqual({ url, account: 'a', pid: 7 })
  for (const none of ['', '{', 'null', '7', '{}', '{"url":"x"}', '{"account":"a"}', '{"url":1,"account":"a"}', '[]']) {
    await writeFile(join(own, 'dashboard.json'), none)
    expect(await readAddress(own), none).toBeUndefined()
  }
  await writeFile(join(own, 'dashboard.json'), '{"url":"x","account":1}')
  expect(await readAddress(own)).toBeUndefined()
  await expect(dashboardOf(folder)).rejects.toMatchObject({ code: 'DASHBOARD_NOT_RUNNING' })
})
