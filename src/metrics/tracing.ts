import type { Status } from '../../machines/index.ts'
import { cleanText } from '../errors/redact.ts'
import { type ObservedLine, watchLine } from './line-watch.ts'

/**
 * One OpenTelemetry span, `baileys_lifeline.incident`, for each incident on these lines: from the trouble to healthy
 * again, or to the stop of supervision, each state in between an event in it. Uses the global tracer provider. Without
 * the package `@opentelemetry/api` nothing is traced. Resolves with the function that ends it.
 */
export async function traceIncidents(lines: Iterable<ObservedLine>): Promise<() => void> {
  const api = await import('@opentelemetry/api').catch(() => undefined)
  if (!api) return () => undefined
  const tracer = api.trace.getTracer('baileys-lifeline')
  type Span = ReturnType<typeof tracer.startSpan>
  const offs = [...lines].map((line) => {
    const { account } = line
    let span: Span | undefined
    let last: Status['state'] | undefined
    const offWatch = watchLine(line, {
      incident: ({ incident, ended }, status) => {
        if (incident && !span) {
          span = tracer.startSpan('baileys_lifeline.incident', {
            startTime: incident.beganAt,
            attributes: { 'baileys_lifeline.account': account },
          })
          last = undefined
        }
        if (incident) span?.setAttribute('baileys_lifeline.cause', incident.cause)
        if (!ended) return
        span?.setAttribute('baileys_lifeline.healed', ended.healed)
        span?.setStatus({ code: ended.healed ? api.SpanStatusCode.OK : api.SpanStatusCode.ERROR })
        span?.addEvent(status.state, status.since)
        span?.end(status.since)
        span = undefined
      },
    })
    // Told after the watch has seen the same status, so the span of an incident that begins with it is there.
    const offStatus = line.on('status', (status) => {
      if (!span || status.state === last) return
      last = status.state
      span.addEvent(status.state, { message: cleanText(status.message) }, status.since)
    })
    return () => {
      offWatch()
      offStatus()
      span?.end()
    }
  })
  return () => {
    for (const off of offs) off()
  }
}
