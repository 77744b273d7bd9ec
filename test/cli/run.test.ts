// @module-tag slow

import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { type FakeWhatsApp, startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { shareOf } from '../share.ts'
import { lifeline } from './command.ts'
import { linkedFolder } from './linked-folder.ts'
import { Running } from './process.ts'

vi.setConfig({ testTimeout: 120_000 })

const number = '491700000001'
const newFolder = async () => join(await mkdtemp(join(tmpdir(), 'lifeline-run-')), 'auth')
const at = ({ url, rootKey }: FakeWhatsApp) => ['--url', url, '--root-key', rootKey]

/** Rejects if somebody still owns the folder. */
async function expectFree(folder: string): Promise<void> {
  const store = fileAuthStore(folder)
  await store.acquire()
  await store.release()
}

test('it links by characters, survives an outage as reconnecting, comes back without a code, and ends clean on SIGTERM', async () => {
  const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  const folder = await newFolder()
  const running = new Running(['run', '--auth', folder, '--phone', number, ...at(server)])
  await server.phone(number).enterPairingCode(await running.says(/Type this on the phone: (\S+)/))
  await running.says(/healthy {2,}Connected/)

  const busy = await lifeline('run', '--auth', folder, ...at(server))
  expect(busy).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is in use by process') })

  const linked = running.stdout.length
  await server.unplug()
  await running.says(/reconnecting {2,}\S.*Next try at \d\d:\d\d:\d\d/)
  await server.plug()
  await running.says(/reconnecting[\s\S]*healthy {2,}Connected/)
  running.signal('SIGTERM')
  const { code, stdout, stderr } = await running.ended()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/stopped {2,}Supervision is stopped.*\n$/)
  expect(stdout).toMatch(/^There is no account in .* yet\. If you expected one, check the path\.\n/)
  expect(stdout.slice(linked)).not.toMatch(/awaitingQr|Type this/)
  await expectFree(folder)
  await expectNoSecrets(folder, stdout)
  await server.stop()
})

test('on the folder above an account it names that folder, and shows no code', async () => {
  const above = await newFolder()
  await mkdir(join(above, 'default'), { recursive: true })
  await writeFile(join(above, 'default', 'creds.json'), '{}')
  const { code, stdout, stderr } = await lifeline('run', '--auth', above)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
    `an account lies in default/. No code was shown. Give --auth ${join(above, 'default')}`,
  )
  expect(await readdir(above)).toEqual(['default'])
})

const rare: Readonly<Record<string, () => Promise<void>>> = {
  'with --exit-when-deaf it ends with exit code 75 after so many dead links in a row, and lets go of the folder':
    async () => {
      const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
      const folder = await newFolder()
      const policy = `${folder}-policy.json`
      await writeFile(
        policy,
        JSON.stringify({ liveness: { silenceMs: 300, probeTimeoutMs: 1_000 }, reconnect: { initialMs: 50 } }),
      )
      const running = new Running([
        ...['run', '--auth', folder, '--phone', number, '--policy', policy, '--exit-when-deaf', '2'],
        ...at(server),
      ])
      await server.phone(number).enterPairingCode(await running.says(/Type this on the phone: (\S+)/))
      await running.says(/healthy {2,}Connected/)
      server.now({ kind: 'half-open' }, number)
      // One is none: it comes back by itself.
      await running.says(/healthy {2,}Connected[\s\S]*reconnecting[\s\S]*healthy {2,}Connected/)
      server.now({ kind: 'half-open' }, number)
      const { code, stderr } = await running.ended()
      expect({ code, stderr }).toEqual({
        code: 75,
        stderr:
          'lifeline: 2 connections in a row were dead and brought no message. This process ends, so that a new one can start.\n',
      })
      await expectFree(folder)
      await server.stop()
      expect(await lifeline('run', '--auth', folder, '--exit-when-deaf', 'often')).toMatchObject({ code: 2 })
    },
  'against a closed port a linked account waits as reconnecting and says so, and SIGINT ends it with exit code 0':
    async () => {
      const folder = await linkedFolder()
      const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
      await server.stop()

      const asked = ['--expected-number', number, '--wa-version', '2.3000.1', '--observe', '--inspect']
      const second = new Running(['run', '--auth', folder, '--json', ...asked, ...at(server)])
      await second.says(
        /"state":"reconnecting","since":\d+,"message":"WhatsApp cannot be reached over the network\.[^"]* Observing only/,
      )
      second.signal('SIGINT')
      const { code, stdout, stderr } = await second.ended()
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(/^Inspector: http:\/\/127\.0\.0\.1:\d+\/\S*\n$/),
      })
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['status']))
      expect(lines.some(({ state }) => state === 'awaitingQr')).toBe(false)
      expect(lines.at(-1)).toMatchObject({ state: 'stopped' })
      await expectFree(folder)
    },
  'without a link and without a network it says that no code can come, and why': async () => {
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    await server.stop()
    const running = new Running(['run', '--auth', await newFolder(), ...at(server)])
    await running.says(/awaitingQr .*No code is shown.*WhatsApp cannot be reached over the network/)
    running.signal('SIGTERM')
    expect((await running.ended()).code).toBe(0)
  },
  'with --language its terminal and its dashboard speak that language, whatever the browser asks for': async () => {
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    await server.stop()
    const folder = await newFolder()
    const language = ['--language', 'de', '--dashboard', '0', '--trust-loopback']
    const running = new Running(['run', '--auth', folder, ...language, ...at(server)])
    await running.says(
      /awaitingQr .*Dieses Konto ist noch nicht verknüpft\..*WhatsApp ist über das Netz nicht erreichbar\./,
    )
    const url = await running.says(/Dashboard: (\S+) Zugang gibt npx baileys-lifeline link --owner/)
    const page = await fetch(url, { headers: { 'accept-language': 'es' } })
    expect(page.headers.get('content-language')).toBe('de')
    expect(await page.text()).toContain('<html lang="de">')
    running.signal('SIGTERM')
    const { code, stdout, stderr } = await running.ended()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^In .* ist noch kein Konto\. Wenn du eines erwartest/)
    expect(await lifeline('run', '--auth', folder, '--language', 'fr')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('en, de, es, pt-BR, id, hi'),
    })
  },
}
test.each(shareOf(Object.keys(rare), 2))('%s', (what) => rare[what]?.())

const ways: Readonly<Record<string, readonly [readonly string[], (running: Running) => Promise<void>]>> = {
  'drawn when it is asked for': [
    ['--show-code'],
    async (running) => {
      const drawn = await running.says(/((?:[█▀▄ ]{50,}\n){20,})[\s\S]*Code 1, good until/)
      const rows = drawn.trimEnd().split('\n')
      expect(new Set(rows.map((row) => row.length)).size).toBe(1)
    },
  ],
  'not drawn where nobody looks': [
    [],
    async (running) => {
      await running.says(/Code 1, good until .* drawn on terminals only/)
      expect(running.stdout).not.toMatch(/[█▀▄]/)
    },
  ],
  'a number and a time in JSON': [
    ['--json'],
    async (running) => {
      expect(await running.says(/"qr":(\{.*?\})/)).toMatch(/^\{"number":1,"expiresAt":\d+\}$/)
    },
  ],
}
test.each(shareOf(Object.keys(ways), 1))('a code is %s, and never written in letters', async (way) => {
  const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  const [args, expectations] = ways[way] ?? [[], async () => undefined]
  const running = new Running(['run', '--auth', await newFolder(), ...args, ...at(server)])
  await expectations(running)
  running.signal('SIGTERM')
  const { code, stdout, stderr } = await running.ended()
  expect(code).toBe(0)
  expect(stdout + stderr).not.toMatch(/linked_devices|2@/)
  await server.stop()
})

/** No key of creds.json stands anywhere in the output. */
async function expectNoSecrets(folder: string, output: string): Promise<void> {
  const creds = await readFile(join(folder, 'creds.json'), 'utf8')
  const keys = [...creds.matchAll(/"([A-Za-z0-9+/]{30,}={0,2})"/g)].map(([, key]) => key ?? '')
  expect(keys.length).toBeGreaterThan(5)
  for (const key of keys) expect(output.includes(key)).toBe(false)
}
