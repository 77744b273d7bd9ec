import { Registry } from 'prom-client'
import { collectMetrics, createLifeline } from '../src/index.ts'

/** A table of the metrics, as a register of prom-client has them. */
export async function metricsTable(): Promise<string> {
  const register = new Registry()
  const line = createLifeline({ auth: '.', connect: () => Promise.reject(new Error('this line is not started')) })
  const end = await collectMetrics([line], { register })
  const rows = register
    .getMetricsAsArray()
    .map((metric) => {
      const labels: readonly string[] = Reflect.get(metric, 'labelNames')
      const type = String(Reflect.get(metric, 'type'))
      return `| \`${metric.name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${metric.help} |`
    })
    .toSorted()
  end()
  return `| metric | type | labels | what it counts |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}
