import type { NoticeKind } from '../../machines/index.ts'
import { knownOptions, millisecondsOption, wrongOption } from '../errors/wrong-option.ts'
import { kindsOption } from './kinds-option.ts'
import type { Notice } from './notice.ts'
import type { ChannelContext, NoticeChannel, OpenChannel } from './notifier.ts'
import { type Run, run } from './program.ts'

/** Options of `command`. */
export interface CommandOptions {
  /** The program is ended when it takes longer. Default 30 s. */
  readonly timeoutMs?: number
  /** Only these kinds of notices. Default all. */
  readonly kinds?: readonly NoticeKind[]
}

const usualTimeoutMs = 30_000
/** Beyond so many waiting notices the oldest make room. */
const mostWaiting = 100

/**
 * Runs a program for each notice, one at a time, with the notice as one line of JSON on its standard input. `argv` is
 * the program and its arguments; there is no shell. A failure, with what the program said of it, goes into the line's
 * log; it is not tried again. Throws `OptionsError` on a wrong option.
 */
export function command(argv: readonly [string, ...string[]], options: CommandOptions = {}): NoticeChannel {
  const allowed = 'an array with a program and its arguments, all texts'
  const parts: unknown = argv
  if (!Array.isArray(parts) || parts.some((part) => typeof part !== 'string' || part.includes('\0')) || !parts[0])
    throw wrongOption('command.argv', parts, allowed)
  knownOptions('command', options, ['timeoutMs', 'kinds'])
  const timeoutMs = millisecondsOption('command.timeoutMs', options.timeoutMs ?? usualTimeoutMs, 100, 600_000)
  const kinds = kindsOption('command', options.kinds)
  return programChannel('command', kinds, (notice) => ({ argv, stdin: `${JSON.stringify(notice)}\n`, timeoutMs }))
}

/** A channel that runs a program for each notice of these kinds, one after the other. */
export function programChannel(
  name: string,
  kinds: ReadonlySet<NoticeKind>,
  runOf: (notice: Notice) => Omit<Run, 'signal'>,
): NoticeChannel {
  return {
    name,
    open({ report }: ChannelContext): OpenChannel {
      const end = new AbortController()
      const waiting: Notice[] = []
      let running: Promise<void> | undefined
      const work = async () => {
        for (let notice = waiting.shift(); notice && !end.signal.aborted; notice = waiting.shift()) {
          try {
            await run({ ...runOf(notice), signal: end.signal })
          } catch (error) {
            report(error, `running a program for the notice ${notice.kind}`)
          }
        }
      }
      const start = () => {
        running ??= work().finally(() => {
          running = undefined
          // One may have come while the last one was ending.
          if (waiting.length > 0) start()
        })
      }
      return {
        tell(notice) {
          if (!kinds.has(notice.kind)) return
          waiting.push(notice)
          if (waiting.length > mostWaiting) {
            waiting.shift()
            report(new Error(`more than ${mostWaiting} notices wait; the oldest was dropped`), `running ${name}`)
          }
          start()
        },
        async close() {
          end.abort()
          await running
        },
      }
    },
  }
}
