import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.ts'
import { ask, own } from '../dashboard/visitor.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { lifeline } from './command.ts'

/** An account beside whose credentials stands where its dashboard is. */
async function served(options: DashboardOptions): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'lifeline-link-')), 'auth')
  const account = new ScriptedAccount()
  account.ownFolder = join(folder, '.lifeline')
  const dashboard = createDashboard(account, options)
  onTestFinished(() => dashboard.close())
  await dashboard.serve({ port: 0 })
  return folder
}

test('a link alone is on stdout, and beside it stands how long it holds and that it leads to this machine', async () => {
  const { code, stdout, stderr } = await lifeline('link', '--auth', await served({}))
  expect(code).toBe(0)
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/link#[\w-]{43}\n$/)
  expect(stderr).toMatch(
    /^It works once, until \d\d:\d\d\. Whoever opens it can link a phone\.\nIt leads to this machine alone\. .*--public-url\.\n$/,
  )
})

test('a link to a dashboard that others reach says nothing of this machine', async () => {
  const folder = await served({ publicUrl: 'https://bot.example.org/wa' })
  const { code, stdout, stderr } = await lifeline('link', '--auth', folder)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^https:\/\/bot\.example\.org\/wa\/link#/)
  expect(stderr).toMatch(/^It works once.*\n$/)
})

test('what stands in the way of a link is told: a dashboard that is gone, and one that does not know the account', async () => {
  const folder = await served({})
  const file = join(folder, '.lifeline', 'dashboard.json')
  const address = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...address, account: 'b' }))
  const unknown = await lifeline('link', '--auth', folder)
  expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('There is no such account') })
  await writeFile(file, JSON.stringify({ ...address, url: 'http://127.0.0.1:1/' }))
  const gone = await lifeline('link', '--auth', folder)
  expect(gone).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('No dashboard answers') })
})

test('--owner makes a link that signs in to the whole dashboard', async () => {
  const folder = await served({})
  const { code, stdout, stderr } = await lifeline('link', '--auth', folder, '--owner')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#[\w-]{43}\n$/)
  expect(stderr).toContain('Whoever opens it can do everything.')
  const { url } = JSON.parse(await readFile(join(folder, '.lifeline', 'dashboard.json'), 'utf8'))
  const body = JSON.stringify({ secret: stdout.trim().split('#')[1] })
  const answer = await ask(url, '/api/sign-in', { method: 'POST', headers: own(url), body })
  expect(answer.status).toBe(204)
})

test('a token that stands in no file is asked for by name, and taken from the environment', async () => {
  const token = 'x'.repeat(22)
  const folder = await served({ token })
  const without = await lifeline('link', '--auth', folder)
  expect(without).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('LIFELINE_DASHBOARD_TOKEN') })
  vi.stubEnv('LIFELINE_DASHBOARD_TOKEN', token)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect((await lifeline('link', '--auth', folder)).code).toBe(0)
})

test('whoever has taken the port of a dashboard that was killed is never sent the token', async () => {
  const folder = await served({})
  const file = join(folder, '.lifeline', 'dashboard.json')
  const address = JSON.parse(await readFile(file, 'utf8')) as { url: string; tokenFile: string }
  const token = (await readFile(address.tokenFile, 'utf8')).trim()
  const heard: string[] = []
  // Answers well, and asks the dashboard itself for what it does not know.
  const stranger = createServer(async (request, response) => {
    heard.push(`${request.url} ${JSON.stringify(request.headers)} ${await text(request)}`)
    response.setHeader('content-type', 'application/json')
    const proof = await fetch(new URL(request.url ?? '', address.url)).then((answer) => answer.text())
    response.end(request.method === 'GET' ? proof : JSON.stringify({ url: 'http://127.0.0.1:1/link#x', expiresAt: 0 }))
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void stranger.close())
  const { port } = stranger.address() as AddressInfo
  await writeFile(file, JSON.stringify({ ...address, url: `http://127.0.0.1:${port}/` }))
  const refused = await lifeline('link', '--auth', folder)
  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('No dashboard answers') })
  expect(heard.length).toBe(1)
  expect(heard.join()).not.toContain(token)
  expect(heard.join()).not.toContain('authorization')
})

test('a link holds for the minutes that are asked for, and is told to programs with its end', async () => {
  const folder = await served({})
  const before = Date.now()
  const { code, stdout, stderr } = await lifeline('link', '--auth', folder, '--minutes', '1.5', '--json')
  expect([code, stderr]).toEqual([0, ''])
  const { url, expiresAt, ...more } = JSON.parse(stdout) as { url: string; expiresAt: number }
  expect([url, more]).toEqual([expect.stringMatching(/\/link#/), {}])
  expect(expiresAt - before).toBeGreaterThanOrEqual(90_000)
  expect(expiresAt - before).toBeLessThan(150_000)
})

test('where no gateway has left an address, how to start one is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-link-'))
  const { code, stdout, stderr } = await lifeline('link', '--auth', folder)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/No dashboard answers for .*\n.*lifeline run --dashboard/)
})
