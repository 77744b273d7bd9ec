import { register as globalRegister, Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLifeline, type ObservedLine, OptionsError } from '../../src/index.ts'
import { collectMetrics } from '../../src/metrics/prometheus.ts'
import { ScriptedLine } from './lines.ts'

let register: Registry
let line: ScriptedLine
let end: () => void

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
  register = new Registry()
  line = new ScriptedLine()
  end = await collectMetrics([line], { register })
})
afterEach(() => {
  end()
  vi.useRealTimers()
})

const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000)

/** The samples that Prometheus would read, those that are zero left out. */
async function samples(name: RegExp): Promise<string[]> {
  const lines = (await register.metrics()).split('\n')
  return lines.filter((one) => name.test(one) && !one.startsWith('#') && !one.endsWith(' 0'))
}

test('the state is 1 for the state of the moment', async () => {
  line.become('healthy')
  expect(await samples(/_state\{/)).toEqual(['baileys_lifeline_state{account="a",state="healthy"} 1'])
  expect((await register.metrics()).match(/^baileys_lifeline_state\{/gm)).toHaveLength(10)
})

test('a prune counts its files, and one that names none counts all the same', async () => {
  line.told('sessions-pruned', { scope: 'all', addresses: ['a', 'b'] })
  line.told('sessions-pruned')
  expect(await samples(/prunes_total|pruned_sessions_total/)).toEqual([
    'baileys_lifeline_prunes_total{account="a",scope="all"} 1',
    'baileys_lifeline_prunes_total{account="a",scope="failing"} 1',
    'baileys_lifeline_pruned_sessions_total{account="a"} 2',
  ])
})

test('the register is that of prom-client itself unless one is given', async () => {
  const ended = await collectMetrics([line])
  expect(globalRegister.getSingleMetric('baileys_lifeline_state')).toBeDefined()
  ended()
  expect(globalRegister.getSingleMetric('baileys_lifeline_state')).toBeUndefined()
})

test('an account that is only observed is marked as such', async () => {
  expect(await register.metrics()).toContain('baileys_lifeline_observing{account="a"} 0')
  end()
  end = await collectMetrics([Object.assign(line, { mode: 'observe' as const })], { register })
  expect(await samples(/observing/)).toEqual(['baileys_lifeline_observing{account="a"} 1'])
})

test('transitions are counted by where they came from and where they led', async () => {
  for (const state of ['preparing', 'healthy', 'degraded', 'healthy', 'degraded'] as const) line.become(state)
  line.become('degraded', { message: 'More of it.' })
  expect(await samples(/transitions/)).toEqual([
    'baileys_lifeline_transitions_total{account="a",from="stopped",to="preparing"} 1',
    'baileys_lifeline_transitions_total{account="a",from="preparing",to="healthy"} 1',
    'baileys_lifeline_transitions_total{account="a",from="healthy",to="degraded"} 2',
    'baileys_lifeline_transitions_total{account="a",from="degraded",to="healthy"} 1',
  ])
})

test('the first close that there ever was is counted', async () => {
  line.closed('network', 408)
  expect(await samples(/closes/)).toEqual(['baileys_lifeline_closes_total{account="a",cause="network",code="408"} 1'])
})

test('closes are counted once each, by cause and code, those of an earlier run not', async () => {
  line.become('preparing', { lastClose: { at: Date.now() - 1, cause: { kind: 'network', message: '' } } })
  line.become('healthy')
  line.closed('replaced', 440)
  line.become('reconnecting', { attempt: 2 })
  later(1)
  line.closed('replaced', 440)
  line.closed('restart-required', 515)
  expect(await samples(/closes/)).toEqual([
    'baileys_lifeline_closes_total{account="a",cause="replaced",code="440"} 2',
    'baileys_lifeline_closes_total{account="a",cause="restart-required",code="515"} 1',
  ])
})

test('a close without a code is counted with none', async () => {
  line.become('reconnecting', { lastClose: { at: Date.now(), cause: { kind: 'network', message: '' } } })
  expect(await samples(/closes/)).toEqual(['baileys_lifeline_closes_total{account="a",cause="network",code=""} 1'])
})

const failed = (id: string, text: string) => ({
  key: { remoteJid: 'x', id },
  messageStubType: 2,
  messageStubParameters: [text],
})

test('messages that cannot be read are counted once each, however often they are tried', async () => {
  line.upsert(failed('1', 'No session record'), { key: { remoteJid: 'x', id: '2' } })
  line.upsert(failed('1', 'No session record'))
  line.upsert(failed('3', 'Bad MAC'), failed('4', 'Bad MAC'), { messageStubType: 2 })
  expect(await samples(/decrypt_failures/)).toEqual([
    'baileys_lifeline_decrypt_failures_total{account="a",reason="no-session"} 1',
    'baileys_lifeline_decrypt_failures_total{account="a",reason="pre-key"} 2',
    'baileys_lifeline_decrypt_failures_total{account="a",reason="unknown"} 1',
  ])
})

test('a message that could not be read is remembered for a while, so that it counts once', async () => {
  const count = async () => Number((await samples(/decrypt_failures/))[0]?.split(' ')[1])
  for (let id = 0; id <= 2_000; id += 1) line.upsert(failed(String(id), 'Bad MAC'))
  line.upsert(failed('2000', 'Bad MAC'), failed('1', 'Bad MAC'))
  expect(await count()).toBe(2_001)
  line.upsert(failed('0', 'Bad MAC'))
  expect(await count()).toBe(2_002)
})

test('the failing addresses are those of the moment', async () => {
  const addresses = ['1.0', '2.0']
  const outbound = { addresses: ['1.0', '2.0', '3.1'] }
  line.actor = { getSnapshot: () => ({ context: { evidence: { addresses }, outbound } }) }
  expect(await samples(/_addresses/)).toEqual([
    'baileys_lifeline_failing_addresses{account="a"} 2',
    'baileys_lifeline_unheard_addresses{account="a"} 3',
  ])
})

test('messages that have arrived and are not taken in are counted at the moment of the scrape', async () => {
  expect(await samples(/waiting/)).toEqual([])
  Object.assign(line.status, { messagesWaiting: 3 })
  expect(await samples(/waiting/)).toEqual(['baileys_lifeline_messages_waiting{account="a"} 3'])
  Object.assign(line.status, { messagesWaiting: undefined })
  expect(await samples(/waiting/)).toEqual([])
})

test('an account whose connection comes and goes is 1 for as long as its status says so', async () => {
  expect(await samples(/unstable/)).toEqual([])
  Object.assign(line.status, { unstable: { since: 0, kind: 'link-lost', closes: 6 } })
  expect(await samples(/unstable/)).toEqual(['baileys_lifeline_unstable{account="a"} 1'])
})

test('retries that contacts and own devices asked for are counted from the beginning on, also where the count begins anew', async () => {
  line.retriesAsked = { contacts: 5, own: 1 }
  end()
  end = await collectMetrics([line], { register })
  expect(await samples(/retries_asked/)).toEqual([])
  line.retriesAsked = { contacts: 8, own: 1 }
  expect(await samples(/retries_asked/)).toEqual(['baileys_lifeline_retries_asked_total{account="a",by="contacts"} 3'])
  line.retriesAsked = undefined
  expect(await samples(/retries_asked/)).toEqual(['baileys_lifeline_retries_asked_total{account="a",by="contacts"} 3'])
  line.retriesAsked = { contacts: 1, own: 2 }
  expect(await samples(/retries_asked/)).toEqual([
    'baileys_lifeline_retries_asked_total{account="a",by="contacts"} 4',
    'baileys_lifeline_retries_asked_total{account="a",by="own"} 2',
  ])
})

test('notices, prunes and restores are counted', async () => {
  line.told('outage')
  line.told('sessions-pruned', { scope: 'all', addresses: ['1.0', '2.0'] })
  line.told('sessions-pruned', { scope: 'failing', addresses: ['1.0'] })
  line.told('credentials-restored')
  expect(await samples(/notices|prune|restores/)).toEqual([
    'baileys_lifeline_prunes_total{account="a",scope="all"} 1',
    'baileys_lifeline_prunes_total{account="a",scope="failing"} 1',
    'baileys_lifeline_pruned_sessions_total{account="a"} 3',
    'baileys_lifeline_credentials_restores_total{account="a"} 1',
    'baileys_lifeline_notices_total{account="a",kind="outage"} 1',
    'baileys_lifeline_notices_total{account="a",kind="sessions-pruned"} 2',
    'baileys_lifeline_notices_total{account="a",kind="credentials-restored"} 1',
  ])
})

test('the seconds in each state are exact at every scrape, also in the middle of a state', async () => {
  line.become('healthy')
  later(10)
  expect(await samples(/state_seconds/)).toEqual([
    'baileys_lifeline_state_seconds_total{account="a",state="healthy"} 10',
  ])
  later(5)
  line.become('reconnecting')
  later(3)
  line.become('healthy')
  later(2)
  expect(await samples(/state_seconds/)).toEqual([
    'baileys_lifeline_state_seconds_total{account="a",state="healthy"} 17',
    'baileys_lifeline_state_seconds_total{account="a",state="reconnecting"} 3',
  ])
})

test('a clock that is set back takes no seconds away', async () => {
  line.become('healthy')
  later(-100)
  line.become('reconnecting')
  expect(await samples(/state_seconds/)).toEqual([])
})

test('the time to heal runs from the trouble to healthy, under the cause that began it', async () => {
  for (const state of ['preparing', 'connecting', 'healthy'] as const) line.become(state)
  line.closed('replaced', 440)
  later(40)
  line.closed('restart-required', 515)
  later(30)
  line.become('healthy')
  expect(await samples(/heal_seconds_(sum|count)/)).toEqual([
    'baileys_lifeline_heal_seconds_sum{account="a",cause="replaced"} 70',
    'baileys_lifeline_heal_seconds_count{account="a",cause="replaced"} 1',
  ])
})

test('accounts are told apart', async () => {
  const others = [new ScriptedLine('b'), new ScriptedLine('c')]
  const second = new Registry()
  const stop = await collectMetrics(others, { register: second })
  others[0]?.become('healthy')
  expect(await second.metrics()).toContain('baileys_lifeline_state{account="b",state="healthy"} 1')
  expect(await second.metrics()).toContain('baileys_lifeline_state{account="c",state="stopped"} 1')
  stop()
})

test('the end leaves no listener and no metric, and counting can begin again', async () => {
  await expect(collectMetrics([line], { register })).rejects.toMatchObject({ code: 'METRICS_TWICE' })
  end()
  expect(line.listeners).toBe(0)
  expect((await register.metrics()).trim()).toBe('')
  end = await collectMetrics([line], { register })
})

test('wrong options are refused', async () => {
  await expect(collectMetrics([line], { registry: register } as object)).rejects.toThrow(OptionsError)
  await expect(collectMetrics([line], { register: {} as Registry })).rejects.toThrow(/collectMetrics\.register/)
})

test('a line is what can be counted', async () => {
  const real: ObservedLine = createLifeline({ auth: '/nowhere', connect: () => Promise.reject(new Error('unused')) })
  const other = new Registry()
  const stop = await collectMetrics([real], { register: other })
  expect(await other.metrics()).toContain('baileys_lifeline_state{account="default",state="stopped"} 1')
  stop()
})

test('no label ever holds a code', async () => {
  line.become('awaitingQr', { qr: { code: 'the-secret-code', number: 1, expiresAt: 0, pairingCode: 'ABCD1234' } })
  const all = await register.metrics()
  expect(all).not.toContain('the-secret-code')
  expect(all).not.toContain('ABCD1234')
})
