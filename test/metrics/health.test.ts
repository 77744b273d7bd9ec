import { describe, expect, test } from 'vitest'
import { stateNames } from '../../machines/index.ts'
import type { StateName } from '../../src/index.ts'
import { health } from '../../src/metrics/health.ts'
import { statusIn } from '../notices/notices.ts'

const lines = (...states: StateName[]) =>
  states.map((state, at) => ({ status: { ...statusIn(state), account: `a${at}` } }))

describe('health()', () => {
  test.each(
    stateNames.map((state) => [state, state === 'healthy' || state === 'degraded', state !== 'stopped'] as const),
  )('while %s: connected %s, ready %s', (state, connected, ready) => {
    const { healthz, readyz } = health(lines(state))
    expect([healthz.ok, healthz.status]).toEqual([connected, connected ? 200 : 503])
    expect([readyz.ok, readyz.status]).toEqual([ready, ready ? 200 : 503])
  })

  test('names the accounts that are the reason', () => {
    const { healthz, readyz } = health(lines('healthy', 'blocked', 'stopped', 'degraded'))
    expect(healthz.failing).toEqual([
      { account: 'a1', state: 'blocked' },
      { account: 'a2', state: 'stopped' },
    ])
    expect(readyz.failing).toEqual([{ account: 'a2', state: 'stopped' }])
  })

  test('of no account at all is well', () => {
    expect(health([])).toMatchObject({ healthz: { ok: true }, readyz: { ok: true }, status: { accounts: [] } })
  })

  test('tells that there is a code, and not which', () => {
    const [line] = lines('awaitingQr')
    const qr = { code: 'the-secret-code', number: 3, expiresAt: 7, pairingCode: 'ABCD1234' }
    const { status } = health([{ status: { ...statusIn('awaitingQr'), ...line?.status, qr } }])
    expect(status.accounts[0]?.qr).toEqual({ number: 3, expiresAt: 7 })
    expect(JSON.stringify(status)).not.toMatch(/the-secret-code|ABCD1234/)
  })
})
