// @module-tag slow

import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { ask, json, own, Watching } from '../dashboard/visitor.ts'
import { lifeline } from './command.ts'
import { Running } from './process.ts'

const number = '491700000001'

test('a running gateway serves its dashboard, and lifeline link makes a link whose code the phone scans', async () => {
  const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  const folder = join(await mkdtemp(join(tmpdir(), 'lifeline-link-')), 'auth')
  const at = ['--url', server.url, '--root-key', server.rootKey]
  const missing = await lifeline('link', '--auth', folder)
  expect([missing.code, missing.stdout]).toEqual([1, ''])
  expect(missing.stderr).toMatch(/No dashboard answers for .*\n.*lifeline run --dashboard/)

  const running = new Running(['run', '--auth', folder, '--dashboard', '0', ...at])
  const url = await running.says(/Dashboard: (http:\/\/127\.0\.0\.1:\d+\/)/)
  const { code, stdout } = await lifeline('link', '--auth', folder, '--json', '--minutes', '5')
  expect(code).toBe(0)
  const link = JSON.parse(stdout) as { url: string; expiresAt: number }
  expect(link.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/link#[\w-]{43}$/)
  expect(link.expiresAt - Date.now()).toBeLessThanOrEqual(300_000)
  expect(json(await ask(url, '/healthz'))).toMatchObject({ ok: false })

  const redeemed = await ask(url, '/api/links/redeem', {
    method: 'POST',
    headers: own(url),
    body: JSON.stringify({ secret: link.url.split('#')[1] }),
  })
  const cookie = redeemed.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const guest = await Watching.at(url, { cookie })
  const { data } = await guest.sees((told) => told.data.accounts[0]?.qr !== undefined)
  await server.phone(number).scan(data.accounts[0]?.qr?.code ?? '')
  await guest.sees((told) => told.data.accounts[0]?.label === 'Connected')
  guest.leave()

  running.signal('SIGTERM')
  const ended = await running.ended()
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
  expect(existsSync(join(folder, '.lifeline', 'dashboard.json'))).toBe(false)
  expect((await lifeline('link', '--auth', folder)).code).toBe(1)
  await server.stop()
})
