import { afterEach, expect, test, vi } from 'vitest'
import { proxyAgent } from '../../src/cli/proxy.ts'
import { saidBy } from './command.ts'

afterEach(() => void vi.unstubAllEnvs())

test('no proxy is none; an address that is none is refused without being repeated', async () => {
  expect(await proxyAgent(undefined, { HTTPS_PROXY: '', NO_PROXY: '*' })).toBeUndefined()
  expect(await proxyAgent(undefined, { ALL_PROXY: 'socks5://127.0.0.1:1080' })).toBeDefined()
  for (const wrong of ['127.0.0.1:3128', 'ftp://user:secret@127.0.0.1', 'secret']) {
    await expect(proxyAgent(wrong, {})).rejects.toThrow('--proxy is not the address of a proxy.')
    await expect(proxyAgent(undefined, { https_proxy: wrong })).rejects.toThrow('https_proxy is not the address')
  }
})

test('without its package a proxy that was given is a failure, and one of the environment is left out and said', async () => {
  const none = () => Promise.reject(new Error('not installed'))
  await expect(proxyAgent('http://127.0.0.1:1', {}, none)).rejects.toMatchObject({ code: 'PROXY_AGENT_MISSING' })
  const { value, stderr } = await saidBy(() => proxyAgent(undefined, { ALL_PROXY: 'http://127.0.0.1:1' }, none))
  expect([value, stderr]).toEqual([
    undefined,
    expect.stringMatching(/^The proxy of the environment is left out: .*npm install/),
  ])
})

test('a proxy that is given counts before those of the environment, of which the first of four counts', async () => {
  const leadsTo = async (...of: Parameters<typeof proxyAgent>) => {
    const agent = (await proxyAgent(...of)) as unknown as { getProxyForUrl(url: string): unknown }
    return agent.getProxyForUrl('wss://web.whatsapp.com/ws/chat')
  }
  const [given, own, all] = ['http://127.0.0.1:1', 'http://127.0.0.1:2', 'http://127.0.0.1:3']
  expect(await leadsTo(given, { HTTPS_PROXY: own })).toBe(given)
  // The package itself reads the environment, as for any page that is fetched.
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined)
  vi.stubEnv('all_proxy', all)
  expect(await leadsTo(undefined)).toBe(all)
  vi.stubEnv('https_proxy', own)
  expect(await leadsTo(undefined)).toBe(own)
  vi.stubEnv('no_proxy', 'web.whatsapp.com')
  expect(await leadsTo(undefined)).toBe('')
  await expect(proxyAgent(undefined, { HTTPS_PROXY: 'x', https_proxy: '', all_proxy: own })).rejects.toThrow(
    /^HTTPS_PROXY/,
  )
})
