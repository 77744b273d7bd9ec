import pico from 'picocolors'
import type { StateName } from '../../machines/index.ts'
import { type Screen, screenOf } from '../terminal/screen.ts'

/** What a terminal shows, and in which colours. */
export interface Paint extends Screen {
  dim(text: string): string
  bold(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  state(state: StateName, text: string): string
}

const tones: Readonly<Record<StateName, 'green' | 'yellow' | 'cyan' | 'magenta' | 'red' | 'gray'>> = {
  stopped: 'gray',
  preparing: 'cyan',
  connecting: 'cyan',
  healthy: 'green',
  degraded: 'yellow',
  pruningSessions: 'yellow',
  reconnecting: 'cyan',
  awaitingQr: 'magenta',
  conflicted: 'red',
  blocked: 'red',
}

/** For that stream; `NO_COLOR` (any value but the empty one) switches colour off even on a terminal. */
export function paintFor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Paint {
  const screen = screenOf(stream, env)
  const c = pico.createColors(screen.colour)
  return {
    ...screen,
    get rows() {
      return screen.rows
    },
    dim: c.dim,
    bold: c.bold,
    good: c.green,
    bad: c.red,
    warn: c.yellow,
    state: (state, text) => c[tones[state]](text),
  }
}
