import pico from 'picocolors'

/** What drawing has to know of a terminal. */
export interface Screen {
  /** Colour only where there is one, and NO_COLOR wins. */
  readonly colour: boolean
  /** Columns, of which text takes 80 at most. */
  readonly width: number
  /** Undefined where there is no terminal; follows its size. */
  readonly rows: number | undefined
  /** Whether the terminal is likely to have the characters of U+1FB00 and on. */
  readonly sextants: boolean
  /** Dark on light, whatever the terminal's own colours are. */
  onPaper(text: string): string
}

/** Text is set for 80 columns, and for fewer where the terminal is narrower. */
const widest = 80
const narrowest = 40

/** The consoles of Linux and the BSDs have fonts of 256 or 512 characters. */
const withoutSextants: ReadonlySet<string> = new Set(['linux', 'dumb', 'vt100', 'vt220', 'cons25', 'wsvt25'])

/** Of that stream; `NO_COLOR` (any value but the empty one) switches colour off even on a terminal. */
export function screenOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Screen {
  const colour = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  const { bgWhiteBright, black } = pico.createColors(colour)
  return {
    colour,
    width: Math.max(narrowest, Math.min(widest, stream.columns ?? widest)),
    get rows() {
      return stream.isTTY === true ? stream.rows : undefined
    },
    sextants: stream.isTTY === true && !withoutSextants.has(env.TERM ?? 'dumb'),
    onPaper: (text) => bgWhiteBright(black(text)),
  }
}
