import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import type { Gateway } from '../line/gateway.ts'
import { World } from '../line/world.ts'
import { ask, json, own, refusal, Watching } from './visitor.ts'

describe('The dashboard of a real gateway', () => {
  let world: World
  let gateway: Gateway
  let dashboard: Dashboard
  let url = ''
  beforeAll(async () => {
    world = await World.open()
    gateway = await world.linked('491700000077')
    dashboard = createDashboard(gateway.line, { trustLoopback: true })
    url = (await dashboard.serve({ port: 0 })).url
  })
  afterAll(async () => {
    await dashboard.close()
    await world.close()
  })

  const account = () => `/api/accounts/${gateway.line.account}`
  const act = (action: string, body: object = {}) =>
    ask(url, `${account()}/actions/${action}`, { method: 'POST', headers: own(url), body: JSON.stringify(body) })

  test('reconnects when it is asked to, and every step is seen, with its why', async () => {
    const watching = await Watching.at(url)
    await watching.sees(({ event }) => event === 'snapshot')
    const healthy = gateway.next('healthy')
    expect(json(await act('reconnect'))).toEqual({ ok: true })
    await healthy
    const { data } = await watching.sees(
      ({ event, data }) => event === 'changes' && data.accounts[0]?.label === 'Connected',
    )
    expect(JSON.stringify(data)).toContain('"edge":"connecting>healthy"')
    expect(JSON.stringify(data)).toContain('WhatsApp let us in.')
    watching.leave()
  })

  test('passes on what the line refuses, with what to do about it', async () => {
    const answer = await act('prune-failing')
    expect(refusal(answer)).toBe('409 REFUSED')
    expect(answer.body).toContain('No session is failing at the moment')
    expect(refusal(await act('pairing-code', { phone: 'no number' }))).toBe('400 PHONE_INVALID')
    expect(refusal(await act('restore', { id: 'not-there' }))).toBe('404 AUTH_STORE_NOT_FOUND')
  })

  test('sets sessions aside, and puts them back while nothing writes', async () => {
    await world.friends(gateway, ['anna'])
    const again = gateway.next('healthy')
    expect(json(await act('prune-all'))).toEqual({ ok: true })
    await again
    const { entries } = json(await ask(url, `${account()}/quarantine`)) as { entries: { id: string; files: number }[] }
    const [newest] = entries
    expect(newest?.files).toBeGreaterThan(0)
    const healed = gateway.next('healthy')
    const answer = json(await act('restore', { id: newest?.id, force: true })) as { restored: string[] }
    expect(answer.restored.some((name) => name.startsWith('session-'))).toBe(true)
    await healed
    expect((await gateway.line.quarantined()).map(({ id }) => id)).not.toContain(newest?.id)
    const timeline = json(await ask(url, `${account()}/timeline`)) as { incidents: unknown[]; availability: object }
    expect(timeline.incidents.length).toBeGreaterThan(0)
    expect(Object.keys(timeline.availability)).toEqual(['h24', 'd7', 'd30'])
  })

  test('shows a guest the code that his phone scans, until it is scanned', async () => {
    const link = new URL(gateway.line.relinkUrl({ expiresMs: 60_000 }))
    expect(link.pathname).toBe('/link')
    const redeemed = await ask(url, '/api/links/redeem', {
      method: 'POST',
      headers: own(url),
      body: JSON.stringify({ secret: link.hash.slice(1) }),
    })
    const cookie = redeemed.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const guest = await Watching.at(url, { cookie })
    await guest.sees(({ event }) => event === 'snapshot')
    expect(json(await act('relink'))).toEqual({ ok: true })
    const { data } = await guest.sees(({ data }) => data.accounts[0]?.qr !== undefined)
    const healthy = gateway.next('healthy')
    await world.server.phone('491700000077').scan(data.accounts[0]?.qr?.code ?? '')
    await healthy
    await guest.sees(({ data, event }) => event === 'changes' && data.accounts[0]?.label === 'Connected')
    guest.leave()
  })

  test('says that a link needs a dashboard, once there is none', async () => {
    await dashboard.close()
    expect(() => gateway.line.relinkUrl()).toThrow(
      expect.objectContaining({ code: 'DASHBOARD_MISSING', remediation: expect.stringContaining('createDashboard') }),
    )
  })
})
