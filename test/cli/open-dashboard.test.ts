import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type DashboardFlags, dashboardOptionsOf, openDashboard, portOf } from '../../src/cli/dashboard.ts'
import type { Lifeline } from '../../src/index.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

/** The dashboard that `lifeline run` opens with these flags, beside an account in a folder of its own. */
async function opened(flags: Partial<DashboardFlags>, account = new ScriptedAccount()) {
  account.ownFolder = await mkdtemp(join(tmpdir(), 'lifeline-opened-'))
  const found = await openDashboard(account as unknown as Lifeline, { dashboardHost: '127.0.0.1', ...flags })
  onTestFinished(() => found?.dashboard.close())
  return found
}

test('no dashboard is served unless one of its flags is there', async () => {
  expect(await opened({})).toBeUndefined()
})

test('a terminal is told a link that signs in once; a log its address, and how to get in', async () => {
  const own = await opened({ dashboard: 0 })
  expect(own?.link).toMatch(/^Dashboard: http:\/\/127\.0\.0\.1:\d+\/sign-in#[\w-]{43} signs you in once/)
  expect(own?.words).toMatch(/^Dashboard: http:\/\/127\.0\.0\.1:\d+\/ .*lifeline link --owner.*dashboard-token/)
  const proxied = await opened({ dashboard: 0, publicUrl: 'https://bot.example.org/wa/', trustHost: ['inner'] })
  expect(proxied?.words).toMatch(/^Dashboard: https:\/\/bot\.example\.org\/wa\/ .*\.lifeline\/dashboard-token/)
  const answer = await proxied?.dashboard.fetch(new Request('http://inner/healthz'))
  expect(answer?.status).not.toBe(421)
})

test('a port is a whole number that there is', () => {
  expect(['0', '1', '65535'].map(portOf)).toEqual([0, 1, 65_535])
  for (const none of ['-1', '65536', '1.5', 'x', 'Infinity', '-1.5'])
    expect(() => portOf(none), none).toThrow('A port is a whole number from 0 to 65535.')
})

test('the flags reach the dashboard under its own names, and those that were not given do not', () => {
  const host = { dashboardHost: '127.0.0.1' }
  const flags = { publicUrl: 'https://a.example/', trustLoopback: true, trustProxy: true, language: 'de' } as const
  expect(dashboardOptionsOf({ ...host, ...flags, trustHost: ['inner'] })).toEqual({ ...flags, trustedHosts: ['inner'] })
  expect(Object.keys(dashboardOptionsOf(host))).toEqual([])
})

test('without a port it is 4747, whichever flag asks for it; one that is in use is told, and nothing is left of it', async () => {
  const taken = createServer()
  await new Promise<void>((resolve, reject) => {
    // Where somebody else has it already, that serves as well.
    taken.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve() : reject(error)))
    taken.listen(4747, '127.0.0.1', resolve)
  })
  onTestFinished(() => void taken.close())
  const account = new ScriptedAccount()
  for (const asked of [{ dashboard: true }, { publicUrl: 'https://a.example/' }, { open: true }] as const) {
    await expect(opened(asked, account)).rejects.toMatchObject({
      code: 'DASHBOARD_PORT',
      message: 'Port 4747 of 127.0.0.1 is in use.',
    })
    expect(account.listeners).toBe(0)
  }
})

test.runIf(process.platform === 'linux')(
  '--open hands the desktop a file of its owner alone that signs in; a machine without one keeps the link on the screen',
  async () => {
    const place = await mkdtemp(join(tmpdir(), 'lifeline-desktop-'))
    vi.stubEnv('PATH', place)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect((await opened({ dashboard: 0, open: true }))?.url).toMatch(/^http:/)
    const seen = join(place, 'seen')
    const steps = [
      `echo "$1" > ${seen}.part`,
      `/bin/mv ${seen}.part ${seen}`,
      `while [ -e ${seen} ]; do /bin/sleep 0.01; done`,
    ]
    await writeFile(join(place, 'xdg-open'), ['#!/bin/sh', ...steps, ''].join('\n'))
    await chmod(join(place, 'xdg-open'), 0o700)
    const held = () => process.getActiveResourcesInfo().filter((one) => one === 'ProcessWrap').length
    const before = held()
    const found = await opened({ dashboard: 0, open: true })
    // It may go on for as long as the browser does.
    expect(held()).toBe(before)
    await vi.waitFor(() => expect(existsSync(seen)).toBe(true))
    // Arguments are seen by every user of the machine.
    const handed = (await readFile(seen, 'utf8')).trim()
    onTestFinished(() => rm(seen))
    expect(handed).toMatch(/^file:.*\/sign-in\.html$/)
    expect((await stat(new URL(handed))).mode & 0o777).toBe(0o600)
    const [, secret] = /url=.*sign-in#([\w-]{43})/.exec(await readFile(new URL(handed), 'utf8')) ?? []
    const headers = { 'content-type': 'application/json', origin: new URL(found?.url ?? '').origin }
    const body = JSON.stringify({ secret })
    expect((await fetch(`${found?.url}api/sign-in`, { method: 'POST', headers, body })).status).toBe(204)
  },
)
