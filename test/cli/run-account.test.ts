import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { projectBaileys } from '../../src/cli/project-baileys.ts'
import { runAccount } from '../../src/cli/run-account.ts'
import type { RunOptions } from '../../src/cli/run-options.ts'
import { startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { fileAuthStore } from '../../src/stores/folder/file-store.ts'
import { fast } from '../line/fast-policy.ts'
import { until } from '../notices/notices.ts'
import { saidBy } from './command.ts'

/** Where nobody listens. */
const url = 'ws://127.0.0.1:9/'
const signals = ['SIGINT', 'SIGTERM'] as const

// Loaded already when the first run begins.
await projectBaileys()

const newPlace = async () => {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-run-'))
  onTestFinished(() => rm(place, { recursive: true }))
  return place
}

type Says = (pattern: RegExp, stream?: 'stdout' | 'stderr') => Promise<string>

/**
 * Runs on a folder that holds nothing, without a network, until that is written or happens; then as after Ctrl+C. What
 * happens is told what is written.
 */
async function ran(
  more: Partial<RunOptions> & { url?: string | undefined },
  enough: RegExp | ((says: Says) => unknown),
) {
  const place = await newPlace()
  const before = new Set(signals.flatMap((name) => process.rawListeners(name)))
  const own = () => signals.flatMap((name) => process.rawListeners(name)).filter((one) => !before.has(one))
  return saidBy(async () => {
    const run = runAccount({
      auth: join(place, 'auth'),
      account: 'a',
      dashboardHost: '127.0.0.1',
      logLevel: 'silent',
      qr: 'auto',
      url,
      ...more,
    } as RunOptions)
    let over = false
    run.catch(() => undefined).finally(() => (over = true))
    const says: Says = async (pattern, stream = 'stdout') => {
      const said = () => vi.mocked(process[stream].write).mock.calls.join('')
      await until(() => over || pattern.test(said()), said)
      const found = pattern.exec(said()) ?? []
      return found[1] ?? found[0] ?? ''
    }
    await (enough instanceof RegExp ? says(enough) : enough(says))
    for (const listener of own()) Reflect.apply(listener, process, [])
    expect(own()).toEqual([])
    return run
  })
}

/** A server, and the options of a run that reaches it. */
async function served() {
  const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  onTestFinished(() => server.stop())
  return { server, there: { url: server.url, rootKey: server.rootKey } }
}

test('that there is no account yet is said first, in the language of the run, and so is all that follows', async () => {
  const { value, stdout, stderr } = await ran({ language: 'de' }, /awaitingQr/)
  expect([value, stderr]).toEqual([0, ''])
  const lines = stdout.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
  expect(lines).toEqual([
    expect.stringMatching(/^In .*auth ist noch kein Konto\. /),
    expect.stringMatching(/^preparing .* ← Der Start wurde angefordert\.$/),
    expect.stringMatching(/^notice relink-needed: Dieses Konto .*„Code zeigen“ von lifeline run --dashboard/),
    expect.stringMatching(/^awaitingQr .*Dieses Konto ist noch nicht verknüpft\. /),
    expect.stringMatching(/^stopped {2,}Die Überwachung ist angehalten\./),
    '',
  ])
})

test('without a language it speaks English, and to programs it writes JSON alone', async () => {
  const { stdout } = await ran({}, /awaitingQr/)
  expect(stdout).toMatch(/^There is no account in .* yet\. If you expected one, check the path\.\n/)
  const { stdout: lines } = await ran({ json: true }, /awaitingQr/)
  const kinds = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ type, state }) => state ?? type)
  expect(kinds).toEqual(['preparing', 'notice', 'awaitingQr', 'stopped'])
})

test('a server that is not on this machine, a policy that is none and a phone that is none are refused', async () => {
  const none = /(?!)/
  await expect(ran({ url: 'wss://192.0.2.1/' }, none)).rejects.toThrow('is not on this machine')
  await expect(ran({ policy: '/nowhere.json' }, none)).rejects.toThrow('cannot be read')
  await expect(ran({ phone: 'mine' }, none)).rejects.toThrow('is no phone number')
  await expect(ran({ exitWhenDeaf: '0' }, none)).rejects.toThrow('is not a count')
  await expect(ran({ waVersion: '1' }, none)).rejects.toThrow('1 is not a version.')
  // The first of two is told.
  await expect(ran({ policy: '/nowhere.json', waVersion: '1' }, none)).rejects.toThrow('cannot be read')
})

test('on the folder above an account it names that folder, but not where an account lies above, or has lain', async () => {
  const place = await newPlace()
  const account = async (...names: string[]) => {
    const folder = join(place, ...names)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'creds.json'), '{}')
  }
  await account('above', 'default')
  const above = join(place, 'above')
  await expect(ran({ auth: above }, /(?!)/)).rejects.toMatchObject({
    message: `${above} holds no account: an account lies in default/. No code was shown.`,
    remediation: expect.stringContaining(`Give --auth ${join(above, 'default')}.`),
  })
  await mkdir(join(above, '.lifeline', 'creds', '1'), { recursive: true })
  const lost = await ran({ auth: above }, /preparing/)
  expect([lost.value, lost.stdout]).toEqual([0, expect.stringMatching(/^There is no account in /)])
  await account('both', 'below')
  await account('both')
  const both = await ran({ auth: join(place, 'both') }, /preparing/)
  expect([both.value, both.stdout]).toEqual([0, expect.stringMatching(/^\d\d:\d\d:\d\d preparing/)])
})

test('it links by characters, and with --exit-when-deaf ends with 75 after so many dead connections', async () => {
  const { server, there } = await served()
  const policy = join(await newPlace(), 'policy.json')
  await writeFile(policy, JSON.stringify(fast({ liveness: { silenceMs: 200, probeTimeoutMs: 1_000 } })))
  const phone = '491700000001'
  const { value, stdout, stderr } = await ran({ ...there, policy, phone, exitWhenDeaf: '1' }, async (says) => {
    await server.phone(phone).enterPairingCode(await says(/Type this on the phone: (\S+)/))
    await says(/healthy {2,}Connected/)
    server.now({ kind: 'half-open' }, phone)
    await says(/stopped/)
  })
  expect([value, stderr]).toEqual([
    75,
    'lifeline: 1 connections in a row were dead and brought no message. This process ends, so that a new one can start.\n',
  ])
  expect(stdout).not.toMatch(/[█▀▄]|Code 1/)
})

test('a code is drawn on a terminal or where it is asked for, in rows as wide as that is, and for programs apart', async () => {
  const { there } = await served()
  const code = async (more: Partial<RunOptions>, pattern: RegExp, stream?: 'stderr') =>
    ran({ ...there, ...more }, (says) => says(pattern, stream))
  const drawn = /(?:[█▀▄ ]{50,}\n){20}/
  const piped = await code({}, /drawn on terminals only/)
  expect(piped.stdout).not.toMatch(drawn)
  const asked = await code({ showCode: true }, /Code 1/)
  expect([asked.stdout, asked.stderr]).toEqual([expect.stringMatching(drawn), ''])
  expect(asked.stdout).toMatch(/^.{100,}$/m)
  const json = await code({ json: true, showCode: true }, drawn, 'stderr')
  expect(
    json.stdout
      .trim()
      .split('\n')
      .every((line) => line.startsWith('{')),
  ).toBe(true)
  const { isTTY, columns } = process.stdout
  Object.assign(process.stdout, { isTTY: true, columns: 90 })
  try {
    const terminal = await code({ qr: 'halves' }, /Code 1/)
    // A path is never broken.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a terminal is spoken to
    const plain = terminal.stdout.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '')
    expect(plain).toMatch(drawn)
    expect(
      Math.max(
        ...plain
          .split(/[\r\n]+/)
          .filter((line) => !line.includes(tmpdir()))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(90)
  } finally {
    Object.assign(process.stdout, { isTTY, columns })
  }
})

test('through a proxy it asks for WhatsApp itself, if no other server is named', async () => {
  const asked: (string | undefined)[] = []
  const proxy = createServer().on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(request.url)
    client.on('error', () => undefined).end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const through = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  for (const [there, place] of [
    [undefined, 'web.whatsapp.com:443'],
    ['ws://127.0.0.1:9/ws', '127.0.0.1:9'],
  ]) {
    await ran({ url: there as never, proxy: through }, () => until(() => asked.length > 0))
    expect(asked).toContain(place)
    asked.length = 0
  }
})

test('its inspector and its dashboard are there until it ends, and then the folder is free and the console speaks', async () => {
  const auth = join(await newPlace(), 'auth')
  const intervals = vi.spyOn(globalThis, 'setInterval')
  const cleared = vi.spyOn(globalThis, 'clearInterval')
  onTestFinished(() => void vi.restoreAllMocks())
  const muted: unknown[] = []
  const places: string[] = []
  const observed = { auth, observe: true, inspect: true, dashboard: 0, trustLoopback: true, json: true }
  const { stdout } = await ran({ ...observed, expectedNumber: '491700000001' }, async (says) => {
    places.push(await says(/Inspector: (\S+)/, 'stderr'), await says(/"type":"dashboard","url":"([^"]+)"/))
    const [page, status] = await Promise.all([fetch(places[0] ?? ''), fetch(`${places[1]}status.json`)])
    expect(page.status).toBe(200)
    expect(await status.json()).toMatchObject({ accounts: [{ account: 'a' }] })
    muted.push(console.log)
  })
  const speaking = console.log
  expect(muted).not.toContain(speaking)
  const alive = intervals.mock.calls.findIndex(([, ms]) => ms === 2 ** 30)
  expect(cleared.mock.calls.flat()).toContain(intervals.mock.results[alive]?.value)
  expect(stdout).toContain('Observing only')
  for (const place of places) await expect(fetch(place)).rejects.toThrow()
  const store = fileAuthStore(auth)
  await store.acquire()
  await expect(ran({ auth }, /(?!)/)).rejects.toThrow(`is in use by process ${process.pid}`)
  expect(console.log).toBe(speaking)
  await store.release()
})
