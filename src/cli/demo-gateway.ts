import {
  type GatewayDemoEvent,
  type SceneResult,
  type SideName,
  sides,
  type Verdict,
} from '../rehearsal/demo/gateway-events.ts'
import { wrap } from '../terminal/wrap.ts'
import { duration } from './columns.ts'
import { heading } from './demo-screen.ts'
import type { Paint } from './paint.ts'

const titles: Readonly<Record<SideName, string>> = { alone: 'as it is', exec: 'under lifeline exec' }
const timeWidth = 8

/** Tells the demo of the two gateways to people: what each does stands in its own half of the terminal. */
export function gatewayScreen(write: (line: string) => void, paint: Paint): (event: GatewayDemoEvent) => void {
  const startedAt = performance.now()
  const half = Math.floor((paint.width - timeWidth) / 2)
  const row = (time: string, cells: Readonly<Record<SideName, string>>, colour: (text: string) => string) => {
    const lines = sides.map((side) => wrap(cells[side], half - 2))
    const height = Math.max(...lines.map(({ length }) => length))
    for (let at = 0; at < height; at += 1)
      write(
        paint.dim((at === 0 ? time : '').padEnd(timeWidth)) +
          colour(
            lines
              .map((of) => (of[at] ?? '').padEnd(half))
              .join('')
              .trimEnd(),
          ),
      )
  }
  const plain = (text: string) => text
  return (event) => {
    switch (event.type) {
      case 'scene':
        for (const line of ['', heading(event.title, paint), ...wrap(event.text, paint.width).map(paint.dim), ''])
          write(line)
        return row('', titles, paint.bold)
      case 'said': {
        const cells = { alone: '', exec: '', [event.side]: event.text }
        return row(duration(performance.now() - startedAt).padStart(6), cells, plain)
      }
      case 'result':
        return row('', { alone: verdict(event.alone), exec: verdict(event.exec) }, paint.bold)
      case 'summary':
        for (const line of [
          '',
          heading('What became of them', paint),
          '',
          ...event.scenes.flatMap((one) => lines(one, paint)),
          '',
        ])
          write(line)
        return write(
          event.ok
            ? paint.good(`Under lifeline exec the same file came back each time; ${duration(event.totalMs)}.`)
            : paint.bad(`Under lifeline exec it did not come back each time; ${duration(event.totalMs)}.`),
        )
    }
  }
}

const verdict = ({ back, end, ms }: Verdict): string => (back ? `${end} again, after ${duration(ms)}` : end)

const lines = ({ title, ...of }: SceneResult, paint: Paint): readonly string[] => [
  title,
  ...sides.map((side) => `  ${titles[side].padEnd(22)}${(of[side].back ? paint.good : paint.bad)(verdict(of[side]))}`),
]
