import { list, read } from '../errors/error-chain.ts'
import { cleanText } from '../errors/redact.ts'

/** A line of Baileys' own log that says something about the health of the connection. */
export type LoggerLine =
  /** `key.id` of the message, jid of the sender with its device where it is known, libsignal's text. */
  | {
      readonly type: 'decrypt-failed'
      readonly id: string
      readonly author?: string
      readonly text: string
      /** The failure lies in a group's sender key, as the stack tells. */
      readonly senderKey: boolean
    }
  /** The store rejected a transaction's writes: the real sign of disk trouble. Zero left: they are lost. */
  | { readonly type: 'commit-failed'; readonly retriesLeft: number }
  | { readonly type: 'retry-sent'; readonly id?: string; readonly count?: number }
  | { readonly type: 'retry-failed'; readonly text: string }
  /** A contact asked us to send again: it cannot read what we sent. Debug level in both lines. */
  | { readonly type: 'retry-asked'; readonly id?: string }
  | { readonly type: 'stream-error'; readonly tag: string }
  | { readonly type: 'unexpected'; readonly where: string; readonly text: string }

type Level = 'debug' | 'info' | 'warn' | 'error'

interface LineRow {
  readonly prefix: string
  readonly read: (fields: unknown, message: string) => LoggerLine | undefined
}

const textOf = (error: unknown) => cleanText(String(read(error, 'message') ?? ''))
const idOf = (id: unknown) => (typeof id === 'string' ? { id } : {})

const decryptFailed = (fields: unknown): LoggerLine | undefined => {
  const id = read(read(fields, 'key'), 'id')
  const author = read(fields, 'author')
  const err = read(fields, 'err')
  if (typeof id !== 'string') return undefined
  return {
    type: 'decrypt-failed',
    id,
    ...(typeof author === 'string' ? { author } : {}),
    text: textOf(err),
    senderKey: /sender-?key|group_cipher|group-session/i.test(String(read(err, 'stack'))),
  }
}

const commitFailed = (_: unknown, message: string): LoggerLine => ({
  type: 'commit-failed',
  retriesLeft: Number(/left=(\d+)/.exec(message)?.[1] ?? 0),
})

const streamError = (fields: unknown): LoggerLine => {
  // v7 names the child, v6 logs the whole node.
  const child = read(fields, 'reasonNode') ?? list(read(read(fields, 'node'), 'content'))[0]
  return { type: 'stream-error', tag: String(read(child, 'tag') ?? 'unknown') }
}

/** By level, so that a line is looked at only where Baileys writes it. Texts are those of both lines. */
const rows: Readonly<Record<Level, readonly LineRow[]>> = {
  error: [
    { prefix: 'failed to decrypt message', read: decryptFailed },
    { prefix: 'Failed to send retry', read: (f) => ({ type: 'retry-failed', text: textOf(read(f, 'err')) }) },
    { prefix: 'stream errored out', read: streamError },
    {
      prefix: 'unexpected error in ',
      read: (f, message) => ({
        type: 'unexpected',
        where: /'(.*)'/.exec(message)?.[1] ?? '',
        text: textOf(read(f, 'err')),
      }),
    },
  ],
  warn: [{ prefix: 'failed to commit ', read: commitFailed }],
  info: [
    {
      prefix: 'sent retry receipt',
      read: (f) => {
        const count = read(f, 'retryCount')
        return {
          type: 'retry-sent',
          ...idOf(read(read(f, 'msgAttrs'), 'id')),
          ...(typeof count === 'number' ? { count } : {}),
        }
      },
    },
  ],
  debug: [
    { prefix: 'recv retry request', read: (f) => ({ type: 'retry-asked', ...idOf(read(read(f, 'key'), 'id')) }) },
  ],
}

/** What a line of Baileys' log says, or undefined for the many that say nothing here. */
export type ReadLine = (first: unknown, second: unknown) => LoggerLine | undefined

/** What reads the lines of a level; undefined for a level at which Baileys says nothing that counts. */
export function lineReader(level: string): ReadLine | undefined {
  if (!isTold(level)) return undefined
  const told = rows[level]
  return (first, second) => {
    const message = typeof first === 'string' ? first : second
    if (typeof message !== 'string') return undefined
    for (const row of told) if (message.startsWith(row.prefix)) return row.read(first, message)
    return undefined
  }
}

function isTold(level: string): level is Level {
  return Object.hasOwn(rows, level)
}
