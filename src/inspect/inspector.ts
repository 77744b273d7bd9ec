import type { InspectionEvent } from 'xstate'
import { knownOptions, wrongOption } from '../errors/wrong-option.ts'
import { Actors } from './actors.ts'
import { openRelay } from './relay.ts'

/** Options of `inspector`. */
export interface InspectorOptions {
  /** Default 0: any port that is free. */
  readonly port?: number
  /** An address of this machine itself; no other is allowed. Default `127.0.0.1`. */
  readonly host?: '127.0.0.1' | '::1' | 'localhost'
}

/** A page on this machine that shows statecharts at work. */
export interface Inspector {
  /**
   * For `createLifeline({ inspect })`, of any number of accounts. Without a viewer it only remembers where each actor
   * is.
   */
  readonly inspect: (event: InspectionEvent) => void
  /**
   * The page to open: the actors, the statechart with the current state lit, the events. From it Stately's own
   * inspector can be opened.
   */
  readonly url: string
  /** How many pages look on. */
  readonly viewers: number
  /** Lets go of the port and of all viewers. Idempotent. */
  close(): Promise<void>
}

const loopback = ['127.0.0.1', '::1', 'localhost'] as const
const known = ['port', 'host']

/**
 * Opens a page on this machine that shows the statechart at work. Neither codes, keys, credentials, numbers nor
 * addresses of contacts are handed out: what may be seen is listed field by field. It holds no process open. Rejects
 * with a `LifelineError` of code `INSPECTOR_PORT` if the port cannot be had.
 */
export async function inspector(options: InspectorOptions = {}): Promise<Inspector> {
  knownOptions('inspector', options, known)
  const { port = 0, host = '127.0.0.1' } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw wrongOption('inspector.port', port, 'a port from 0 to 65535')
  if (!loopback.includes(host)) throw wrongOption('inspector.host', host, `one of ${loopback.join(', ')}`)
  const actors = new Actors()
  const relay = await openRelay({ port, host, missed: () => actors.missed() })
  return {
    inspect: (event) => {
      const messages = actors.note(event, Date.now())
      if (messages && relay.viewers > 0) for (const message of messages()) relay.tell(message)
    },
    url: relay.url,
    get viewers() {
      return relay.viewers
    },
    close: () => relay.close(),
  }
}
