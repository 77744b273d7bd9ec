import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { post, target } from '../../src/notices/post.ts'

afterEach(() => void vi.restoreAllMocks())

const parts = (url: string, more: Partial<Parameters<typeof post>[0]> = {}) => ({
  ...{ url: new URL(url), body: '{"a":"ä"}', headers: { kind: 'ours' }, ownHeaders: { own: 'theirs', kind: 'no' } },
  ...{ timeoutMs: 5_000, allowPrivate: true, signal: new AbortController().signal, resolve: undefined, ...more },
})

/** A receiver that answers with that status and these headers. */
async function receiver(status: number, headers: Record<string, string> = {}) {
  const seen: object[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { own, kind, 'content-length': length } = request.headers
    seen.push({ method: request.method, path: request.url, own, kind, length, body })
    response.writeHead(status, headers).end('x'.repeat(100))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

test.each<[string | undefined, number | undefined]>([
  [undefined, undefined],
  ['7', 7_000],
  ['0.5', 500],
  ['0', undefined],
  ['-1', undefined],
  ['soon', undefined],
  ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  [new Date(1_800_000_090_000).toUTCString(), 90_000],
])('an answer that says retry-after %s asks for a pause of %s ms', async (after, ms) => {
  const { url } = await receiver(503, after === undefined ? {} : { 'retry-after': after })
  vi.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000)
  expect(await post(parts(url))).toEqual({ status: 503, ...(ms === undefined ? {} : { retryAfterMs: ms }) })
})

test('what is posted is the body with our headers over those of the owner, which go to his own origin alone', async () => {
  const { url, seen } = await receiver(204)
  const sent = { method: 'POST', length: '10', body: '{"a":"ä"}', kind: 'ours' }
  await post(parts(`${url}/a`))
  const here = await receiver(307, { location: `${url}/b` })
  expect(await post(parts(here.url))).toEqual({ status: 204 })
  const own = { ...sent, own: 'theirs' }
  expect([seen, here.seen]).toEqual([
    [
      { ...own, path: '/a' },
      { ...sent, path: '/b' },
    ],
    [{ ...own, path: '/' }],
  ])
})

test('a private address that the owner did not name himself is not posted to, unless he allows it', async () => {
  const { url, seen } = await receiver(204)
  expect(await post(parts(url, { allowPrivate: false }))).toEqual({ status: 204 })
  const from = await receiver(308, { location: url })
  await expect(post(parts(from.url, { allowPrivate: false }))).rejects.toThrow('is a private address')
  const resolve = (async () => [{ address: '127.0.0.1', family: 4 }]) as never
  await expect(post(parts('http://example.org:1/', { allowPrivate: false, resolve }))).rejects.toThrow()
  expect([seen.length, from.seen.length]).toEqual([1, 1])
})

test('TLS is spoken where the address says so, and nothing else is', async () => {
  const first: (number | undefined)[] = []
  const server = createTcp((socket) =>
    socket
      .on('error', () => undefined)
      .once('data', (data) => {
        first.push(data[0])
        socket.destroy()
      }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  for (const protocol of ['https', 'http'])
    await expect(post(parts(`${protocol}://127.0.0.1:${port}/`))).rejects.toThrow()
  expect(first).toEqual([22, 'P'.charCodeAt(0)])
})

test('an answer that does not come in time, or that is not waited for any more, is none; and no timer stays', async () => {
  const server = createTcp((socket) => socket.on('error', () => undefined))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  await expect(post(parts(url, { timeoutMs: 20 }))).rejects.toThrow('no answer within 20 ms')
  const end = new AbortController()
  const posted = expect(post(parts(url, { signal: end.signal }))).rejects.toThrow('it is over')
  end.abort(new Error('it is over'))
  await posted
  const { url: well } = await receiver(204)
  const { signal } = new AbortController()
  const removed = vi.spyOn(signal, 'removeEventListener')
  await post(parts(well, { signal }))
  expect([removed.mock.calls.length, timers() <= before]).toEqual([1, true])
})

test('a redirect is followed to the web, never from TLS to plain text, and bears no password', () => {
  const from = new URL('https://a.example/x/y')
  expect(target('z', from).href).toBe('https://a.example/x/z')
  expect(target('https://user:secret@b.example/', from).href).toBe('https://b.example/')
  expect(target('http://b.example/', new URL('http://a.example/')).href).toBe('http://b.example/')
  expect(() => target('http://b.example/', from)).toThrow('from HTTPS to plain HTTP')
  expect(() => target('ftp://b.example/', from)).toThrow('redirects to ftp:')
  expect(() => target('http://', from)).toThrow('is no URL')
})
