import type { Place } from '../src/diagram/bundle.ts'
import { stands, tracks } from './overview.ts'
import { holds } from './shape.ts'

/** The overview as Mermaid text, for places that draw Mermaid themselves. */
export function overviewMermaid(): string {
  const places = Object.keys(stands) as readonly Place[]
  const inner = places.filter((place) => place !== 'online' && holds(stands.online.box, stands[place].box))
  const lines = [
    '[*] --> stopped',
    'state online {',
    `  [*] --> ${inner[0]}`,
    ...inner.map((place) => `  ${place}`),
    '}',
    ...tracks.map(({ from, to, label, joins }) => {
      const words =
        label.length > 0 ? label : (tracks.find((one) => one.joins === joins && one.label.length > 0)?.label ?? [])
      return `${from} --> ${to} : ${words.join(' ')}`
    }),
  ]
  return ['stateDiagram-v2', ...lines.map((text) => `  ${text}`), ''].join('\n')
}
