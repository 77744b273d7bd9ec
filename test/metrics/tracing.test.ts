import { SpanStatusCode, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { traceIncidents } from '../../src/metrics/tracing.ts'
import { ScriptedLine } from './lines.ts'

let exporter: InMemorySpanExporter
let line: ScriptedLine
let end: () => void

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
  exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  line = new ScriptedLine()
  end = await traceIncidents([line])
})
afterEach(() => {
  end()
  trace.disable()
  vi.useRealTimers()
})

const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000)

test('an incident is one span from the trouble to healthy, with its cause and the states on the way', () => {
  line.become('healthy')
  later(5)
  line.closed('replaced', 440)
  later(40)
  line.become('connecting', { message: 'Connecting.', qr: { code: 'the-secret-code', number: 1, expiresAt: 0 } })
  line.become('connecting', { attempt: 1 })
  later(2)
  line.become('healthy')
  const [span, ...more] = exporter.getFinishedSpans()
  expect(more).toEqual([])
  expect(span).toMatchObject({
    name: 'baileys_lifeline.incident',
    attributes: {
      'baileys_lifeline.account': 'a',
      'baileys_lifeline.cause': 'replaced',
      'baileys_lifeline.healed': true,
    },
    status: { code: SpanStatusCode.OK },
    duration: [42, 0],
  })
  expect(span?.events.map(({ name }) => name)).toEqual(['reconnecting', 'connecting', 'healthy'])
  expect(JSON.stringify(span?.events)).not.toContain('the-secret-code')
})

test('an incident that a stop ends is a failed span, and the next one has a span of its own', () => {
  line.become('blocked')
  line.become('stopped')
  line.become('preparing')
  line.become('reconnecting')
  expect(exporter.getFinishedSpans().map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR])
  end()
  expect(exporter.getFinishedSpans()).toHaveLength(2)
  expect(line.listeners).toBe(0)
})

test('a start that goes well is no incident', () => {
  for (const state of ['preparing', 'connecting', 'healthy', 'stopped'] as const) line.become(state)
  end()
  expect(exporter.getFinishedSpans()).toEqual([])
})
