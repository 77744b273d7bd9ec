import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type DashboardFlags, openDashboard } from '../../src/cli/dashboard.ts'
import type { Lifeline } from '../../src/index.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

/** The dashboard that `lifeline run` opens with these flags, beside an account in a folder of its own. */
async function opened(flags: Partial<DashboardFlags>) {
  const account = new ScriptedAccount()
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

test('without a port it is 4747, and one that is in use is told', async () => {
  const taken = createServer()
  await new Promise<void>((resolve, reject) => {
    // Where somebody else has it already, that serves as well.
    taken.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve() : reject(error)))
    taken.listen(4747, '127.0.0.1', resolve)
  })
  onTestFinished(() => void taken.close())
  await expect(opened({ dashboard: true })).rejects.toMatchObject({
    code: 'DASHBOARD_PORT',
    message: 'Port 4747 of 127.0.0.1 is in use.',
  })
})

test.runIf(process.platform === 'linux')(
  '--open hands the desktop a file of its owner alone that signs in; a machine without one keeps the link on the screen',
  async () => {
    const place = await mkdtemp(join(tmpdir(), 'lifeline-desktop-'))
    vi.stubEnv('PATH', place)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect((await opened({ dashboard: 0, open: true }))?.url).toMatch(/^http:/)
    const seen = join(place, 'seen')
    await writeFile(join(place, 'xdg-open'), `#!/bin/sh\necho "$1" > ${seen}.part\n/bin/mv ${seen}.part ${seen}\n`)
    await chmod(join(place, 'xdg-open'), 0o700)
    const found = await opened({ dashboard: 0, open: true })
    await vi.waitFor(() => expect(existsSync(seen)).toBe(true))
    // Arguments are seen by every user of the machine.
    const handed = (await readFile(seen, 'utf8')).trim()
    expect(handed).toMatch(/^file:.*\/sign-in\.html$/)
    expect((await stat(new URL(handed))).mode & 0o777).toBe(0o600)
    const [, secret] = /url=.*sign-in#([\w-]{43})/.exec(await readFile(new URL(handed), 'utf8')) ?? []
    const headers = { 'content-type': 'application/json', origin: new URL(found?.url ?? '').origin }
    const body = JSON.stringify({ secret })
    expect((await fetch(`${found?.url}api/sign-in`, { method: 'POST', headers, body })).status).toBe(204)
  },
)
