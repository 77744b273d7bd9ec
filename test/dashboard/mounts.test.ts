import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, test } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { inProject } from '../root.ts'
import { ask, json, own, Watching } from './visitor.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const basePath = '/ops/whatsapp'

/** Where a server listens, once it does. */
async function at(server: NetServer | Server): Promise<string> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The four ways as their page shows them, each with a server of its own. */
async function ways(): Promise<Readonly<Record<string, (dashboard: Dashboard) => Promise<string>>>> {
  const page = await readFile(inProject('docs/dashboard.md'), 'utf8')
  const [, block = ''] = /^```js\n(const dashboard = createDashboard[\s\S]*?)^```/m.exec(page) ?? []
  const snippets = block.split(/^\/\/ /m).slice(1)
  const names = snippets.map((snippet) => snippet.slice(0, snippet.indexOf('\n')))
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      async (dashboard: Dashboard) => {
        const text =
          snippets[index]
            ?.slice(name.length)
            .replace(/\b(3\d{3})\b/g, '0')
            .trim() ?? ''
        const run = new Function(
          ...['dashboard', 'express', 'fastify', 'Hono', 'serve', 'createServer'],
          `return ${text}`,
        )
        const framework = () => {
          const app = fastify()
          closing.push(() => app.close())
          return app
        }
        const made: unknown = await run(dashboard, express, framework, Hono, serve, createServer)
        return typeof made === 'string' ? made : at(made as NetServer)
      },
    ]),
  )
}

const mounts = await ways()

describe('The dashboard mounted below a path of another server, as its page shows it', () => {
  test('is shown for Express, Fastify, Hono and node:http', () => {
    expect(Object.keys(mounts).map((name) => name.split(/[ ,:(]/)[0])).toEqual(['Express', 'Fastify', 'Hono', 'node'])
  })

  test.each(Object.keys(mounts))('%s', async (name) => {
    const line = new ScriptedAccount('a b/c')
    const dashboard = createDashboard(line, { basePath, trustLoopback: true })
    closing.push(() => dashboard.close())
    const base = (await mounts[name]?.(dashboard)) ?? ''
    // Without the slash at its end, as people type it.
    expect(await (await fetch(`${base}${basePath}`)).text()).toContain('<html')
    await works(base, line)
  })

  test('works behind express.json() too, which reads the body first', async () => {
    const line = new ScriptedAccount('a b/c')
    const dashboard = createDashboard(line, { basePath, trustLoopback: true })
    closing.push(() => dashboard.close())
    await works(await at(express().use(express.json()).use(basePath, dashboard.node).listen(0, '127.0.0.1')), line)
  })

  test('works in a Hono app that cuts the path off', async () => {
    const line = new ScriptedAccount('a b/c')
    const dashboard = createDashboard(line, { basePath, trustLoopback: true })
    closing.push(() => dashboard.close())
    const app = new Hono<{ Bindings: { incoming: { socket: { remoteAddress: string } } } }>()
    app.mount(basePath, (request, env) => dashboard.fetch(request, env as never))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    const base = await at(server as Server)
    expect((await ask(base, `${basePath}/healthz`)).status).toBe(200)
  })
})

/** Everything that depends on the way: paths, the peer, bodies, streams, cookies and links. */
async function works(base: string, line: ScriptedAccount): Promise<void> {
  const bare = await ask(base, basePath)
  expect([308, 404]).toContain(bare.status)
  if (bare.status === 308) expect(bare.headers.location).toBe(`${basePath}/`)
  expect((await ask(base, `${basePath}/healthz`)).status).toBe(200)
  expect(json(await ask(base, `${basePath}/api/session`))).toEqual({ who: 'owner' })
  const watching = await Watching.at(base, {}, `${basePath}/api/stream`)
  const { data } = await watching.sees(({ event }) => event === 'snapshot')
  expect(data.accounts.map(({ account }) => account)).toEqual(['a b/c'])
  line.become('reconnecting')
  await watching.sees(({ event }) => event === 'changes')
  watching.leave()
  const account = `${basePath}/api/accounts/${encodeURIComponent('a b/c')}`
  const post = { method: 'POST', headers: own(base), body: '{"id":"entry-1","force":true}' }
  expect(json(await ask(base, `${account}/actions/restore`, post))).toEqual({ ok: true, restored: ['session-1.json'] })
  expect(line.asked).toEqual(['restore entry-1 by force'])
  const { url } = json(await ask(base, `${account}/links`, { ...post, body: '{}' })) as { url: string }
  expect(url.startsWith(`${base}${basePath}/link#`), url).toBe(true)
  const secret = url.split('#')[1]
  const redeemed = await ask(base, `${basePath}/api/links/redeem`, { ...post, body: JSON.stringify({ secret }) })
  expect(redeemed.headers['set-cookie']?.[0]).toContain(`Path=${basePath}/;`)
}
