import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readAddress, removeAddress, writeAddress } from '../../src/dashboard/address-file.ts'
import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.ts'
import { sourceOf } from '../../src/dashboard/lines.ts'
import { checkDashboardOptions } from '../../src/dashboard/options.ts'
import { localHost, outerAddress, reachableHost } from '../../src/dashboard/serving.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

const place = (): string => mkdtempSync(join(tmpdir(), 'lifeline-dashboard-'))
const token = 'a-token-of-more-than-128-bits'

test.each<[keyof DashboardOptions, readonly unknown[]]>([
  ['token', [1, 'x'.repeat(21), `two words ${token}`]],
  ['tokenFile', [1, '']],
  ['trustLoopback', ['yes', 1]],
  ['trustProxy', [null]],
  ['basePath', [1, 'ops', '/a b', '//']],
  ['trustedHosts', ['a', ['a:1'], [1]]],
  ['maxViewers', [0, 1.5, 100_001, '5']],
  ['sessionMs', [59_999, '1h', 365 * 86_400_000 + 1]],
  ['linkMs', [999, 7 * 86_400_000 + 1]],
  ['stalledMs', [99]],
  ['language', ['xx', 1, null]],
  [
    'publicUrl',
    [1, 'here', 'ftp://a.example/', 'https://a.example/?q', 'https://a.example/#f', 'https://me:pw@a.example/'],
  ],
])('the option %s is refused by its path where it makes no sense', (name, values) => {
  for (const value of values)
    expect(() => createDashboard(new ScriptedAccount(), { [name]: value }), String(value)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', path: `createDashboard.${name}` }),
    )
})

test('a path is that of the public address, unless it is given, and has no slash at its end', () => {
  const publicUrl = 'https://bot.example.org/wa'
  expect(checkDashboardOptions({ publicUrl })).toMatchObject({
    basePath: '/wa',
    publicUrl: new URL(`${publicUrl}/`),
    trustLoopback: false,
  })
  expect(checkDashboardOptions({ publicUrl, basePath: '/inner/' }).basePath).toBe('/inner')
  expect(checkDashboardOptions({ basePath: '/' }).basePath).toBe('')
  expect(checkDashboardOptions({})).toMatchObject({ basePath: '', trustLoopback: false })
})

test('a page is in the language that is given, else in that of the browser', () => {
  expect([{ language: 'de' as const }, {}].map((given) => checkDashboardOptions(given).language)).toEqual([
    'de',
    undefined,
  ])
})

test('what is no line is refused by its place, and so are two lines of one account', () => {
  const line = new ScriptedAccount()
  expect(() => sourceOf([line, {} as never])).toThrow(expect.objectContaining({ path: 'lines[1]' }))
  const whole = { account: 'b', status: {}, history: () => [] }
  for (const part of ['account', 'status', 'history'] as const) {
    const { [part]: _, ...rest } = whole
    expect(() => sourceOf(rest as never), part).toThrow(expect.objectContaining({ path: 'lines' }))
  }
  expect(() => sourceOf(null as never)).toThrow(expect.objectContaining({ path: 'lines' }))
  expect(() => sourceOf([line, new ScriptedAccount('b'), new ScriptedAccount()])).toThrow(/two lines of the account a/)
  expect([...sourceOf([line]).lines()]).toEqual([line])
})

test.each([
  ['a folder that is a file', (at: string) => join(at, 'file', 'token'), /cannot be kept in .*: EEXIST\.$|ENOTDIR/],
  ['a name that is too long', (at: string) => join(at, 'x'.repeat(300)), /: ENAMETOOLONG\.$/],
  ['a folder', (at: string) => at, /: EISDIR\.$/],
  ['a file that holds no token', (at: string) => join(at, 'file'), /file holds no token\.$/],
])('a token is not kept in %s, which is said', (_, tokenFile, said) => {
  const at = place()
  writeFileSync(join(at, 'file'), 'short\n', { mode: 0o600 })
  expect(() => createDashboard(new ScriptedAccount(), { tokenFile: tokenFile(at) })).toThrow(
    expect.objectContaining({ code: 'DASHBOARD_TOKEN_FILE', message: expect.stringMatching(said) }),
  )
  expect(readFileSync(join(at, 'file'), 'utf8')).toBe('short\n')
})

test.each<[string, number | undefined, string, string, RegExp]>([
  ['a port that is none', 1.5, '127.0.0.1', 'OPTIONS_INVALID', /serve\.port/],
  ['a port that is in use', undefined, '127.0.0.1', 'DASHBOARD_PORT', /^Port \d+ of 127\.0\.0\.1 is in use\.$/],
  [
    'a host that is elsewhere',
    0,
    '192.0.2.1',
    'DASHBOARD_PORT',
    /cannot listen on 192\.0\.2\.1:0 \(EADDRNOTAVAIL\)\.$/,
  ],
])('it does not listen on %s, and says why', async (_, port, host, code, said) => {
  const dashboard = createDashboard(new ScriptedAccount(), { token })
  onTestFinished(() => dashboard.close())
  const taken = await dashboard.serve({ port: 0 })
  await expect(dashboard.serve({ port: port ?? taken.port, host })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(said),
  })
})

test('an address is told as others call it, and as this machine does', () => {
  expect(['192.0.2.1', '::1', 'bot.local'].map(reachableHost)).toEqual(['192.0.2.1', '[::1]', 'bot.local'])
  expect(['0.0.0.0', '::', '::1'].map(localHost)).toEqual(['127.0.0.1', '127.0.0.1', '[::1]'])
  expect(['0.0.0.0', '::', ''].map(reachableHost)).toEqual(
    Array.from({ length: 3 }, () => outerAddress(networkInterfaces()) ?? '127.0.0.1'),
  )
})

test('others reach a machine by the first of its IPv4 addresses that is not for itself alone', () => {
  const address = (family: string, internal: boolean, text: string) => ({ family, internal, address: text }) as never
  const lo = [address('IPv4', true, '127.0.0.1'), address('IPv6', true, '::1')]
  const [first, second] = ['192.0.2.1', '192.0.2.2'].map((text) => address('IPv4', false, text)) as [never, never]
  const six = address('IPv6', false, '2001:db8::1')
  expect([{}, { lo }, { lo, eth0: [six] }, { lo, eth0: [six, first], eth1: [second] }].map(outerAddress)).toEqual([
    ...[undefined, undefined, undefined, '192.0.2.1'],
  ])
})

test('the address beside the credentials is taken away by its own gateway alone, and one that is torn is none', async () => {
  const folder = place()
  const [own, other] = ['http://127.0.0.1:1/', 'http://127.0.0.1:2/']
  await writeAddress(folder, { url: own, account: 'a', pid: 1 })
  removeAddress(folder, other)
  expect(await readAddress(folder)).toEqual({ url: own, account: 'a', pid: 1 })
  expect(readdirSync(folder)).toEqual(['dashboard.json'])
  removeAddress(folder, own)
  expect(await readAddress(folder)).toBeUndefined()
  for (const torn of ['', '[]', 'null', '{"url":"x"}', '{"url":1,"account":"a"}', '{"url":"x","account":1}']) {
    writeFileSync(join(folder, 'dashboard.json'), torn)
    expect(await readAddress(folder), torn).toBeUndefined()
  }
})

test('an address that cannot be put beside the credentials is a failure, which whoever wrote it hears of', async () => {
  const folder = place()
  mkdirSync(join(folder, 'dashboard.json'))
  await expect(writeAddress(folder, { url: 'http://127.0.0.1:1/', account: 'a', pid: 1 })).rejects.toThrow()
})
