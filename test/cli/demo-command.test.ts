import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { addDemo } from '../../src/cli/demo.ts'
import { demoDashboard } from '../../src/cli/demo-dashboard.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { until } from '../notices/notices.ts'
import { alone } from './command.ts'

type Stories = NonNullable<Parameters<typeof addDemo>[1]>
type Story = Awaited<ReturnType<Stories['one']>>
type Gateways = Awaited<ReturnType<Stories['gateways']>>

const never = async () => Promise.reject(new Error('It is not asked for.'))
const demo = (story: Story | undefined, gateways: Gateways | undefined, ...args: string[]) => {
  const stories: Stories = {
    one: async () => story ?? (never as Story),
    gateways: async () => gateways ?? (never as Gateways),
  }
  return alone((program) => addDemo(program, stories), 'demo', ...args)
}
const spanish = { 'accept-language': 'es' }
const summary = (ok: boolean) => ({
  ...{ ok, totalMs: 1, closes: {}, unreadable: {}, notices: {}, spans: [], quarantine: [], claims: [] },
})
const told = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
/** What has been added to the listeners of a signal since. */
const added = (name: NodeJS.Signals) => {
  const before = new Set(process.rawListeners(name))
  return () => process.rawListeners(name).filter((one) => !before.has(one))
}

test('the story is told to programs line by line, with its time and without its codes, beside a dashboard that ends with it', async () => {
  let url = ''
  let shown: unknown
  const story: Story = async (tell, { keep, onLine } = {}) => {
    tell({ type: 'code', code: '2@secret' })
    onLine?.(new ScriptedAccount('shown') as never)
    tell({ type: 'step', text: String(keep) })
    return summary(true)
  }
  const watched: Story = async (tell, options) => {
    const done = await story(tell, options)
    const written = vi.mocked(process.stdout.write).mock.calls.join('')
    const [, link] = /"url":"([^"]*)"/.exec(written) ?? []
    url = link ?? ''
    const [health, page] = await Promise.all([fetch(new URL('/healthz', url)), fetch(url, { headers: spanish })])
    shown = [await health.json(), page.headers.get('content-language')]
    return done
  }
  const { code, stdout, stderr } = await demo(watched, undefined, '--json', '--language', 'de')
  expect([code, stderr]).toEqual([0, ''])
  const atMs = expect.any(Number)
  const lines = told(stdout)
  expect(lines).toEqual([
    { type: 'dashboard', atMs, url, stays: false },
    { type: 'code', atMs },
    { type: 'step', atMs, text: 'undefined' },
  ])
  for (const { atMs: at } of lines) expect([at >= 0, at < 60_000]).toEqual([true, true])
  expect(shown).toEqual([expect.objectContaining({ ok: true }), 'de'])
  await expect(fetch(url)).rejects.toThrow()
})

test('a claim that did not hold is exit code 1, and a story that breaks off ends the dashboard too', async () => {
  const keep = join(await mkdtemp(join(tmpdir(), 'lifeline-demo-')), 'auth')
  onTestFinished(() => rm(keep, { recursive: true, force: true }))
  const kept: unknown[] = []
  const failing: Story = async (_, options) => {
    kept.push(options?.keep)
    return summary(false)
  }
  const { code, stdout } = await demo(failing, undefined, '--keep', keep)
  expect([code, kept]).toEqual([1, [keep]])
  expect(stdout).toContain('http://127.0.0.1:')
  await expect(demo(never as Story, undefined)).rejects.toThrow('It is not asked for.')
  await writeFile(keep, '')
  await expect(demo(failing, undefined, '--keep', join(keep, '..'))).rejects.toThrow('is not empty')
})

test('with --stay it is over once a signal comes, and not before', async () => {
  const own = added('SIGTERM')
  const intervals = vi.spyOn(globalThis, 'setInterval')
  const cleared = vi.spyOn(globalThis, 'clearInterval')
  onTestFinished(() => void vi.restoreAllMocks())
  let over = false
  const running = demo(async () => summary(true), undefined, '--stay', '--json').finally(() => (over = true))
  await until(
    () => over || own().length > 0,
    () => 'no listener',
  )
  expect(over).toBe(false)
  for (const listener of own()) Reflect.apply(listener, process, [])
  const { code, stdout } = await running
  expect([code, told(stdout)[0]]).toEqual([0, expect.objectContaining({ stays: true })])
  const alive = intervals.mock.calls.findIndex(([, ms]) => ms === 2 ** 30)
  expect(cleared.mock.calls.flat()).toContain(intervals.mock.results[alive]?.value)
  expect(own()).toEqual([])
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.removeAllListeners(name)
})

test('the two gateways are told to programs and to people, with an exit code, and have no dashboard and no folder', async () => {
  const play =
    (ok: boolean): Gateways =>
    async (tell) => {
      tell({ type: 'said', side: 'exec', text: 'answers' })
      return ok
    }
  const json = await demo(undefined, play(true), '--gateway', '--json')
  expect([json.code, told(json.stdout)]).toEqual([
    0,
    [{ type: 'said', atMs: expect.any(Number), side: 'exec', text: 'answers' }],
  ])
  const [{ atMs }] = told(json.stdout)
  expect([atMs >= 0, atMs < 60_000]).toEqual([true, true])
  expect(await demo(undefined, play(false), '--gateway')).toMatchObject({
    ...{ code: 1, stderr: '', stdout: expect.stringMatching(/^ 0\.\d s {30,}answers\n$/) },
  })
  for (const more of [['--keep', '/nowhere'], ['--stay'], ['--port', '1']])
    await expect(demo(undefined, play(true), '--gateway', ...more), more[0]).rejects.toThrow('has no dashboard')
})

test('the dashboard of the demo shows the account that it is told of last, in the language of the browser, until it is closed', async () => {
  const dashboard = await demoDashboard(0)
  const [one, other] = [new ScriptedAccount('one'), new ScriptedAccount('other')]
  dashboard.show(one)
  dashboard.show(other)
  expect([one.listeners > 0, other.listeners > 0]).toEqual([false, true])
  const page = await fetch(dashboard.url, { headers: spanish })
  expect(page.headers.get('content-language')).toBe('es')
  await dashboard.close()
  dashboard.show(one)
  expect([one.listeners, other.listeners]).toEqual([0, 0])
})
