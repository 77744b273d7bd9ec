import type { CloseCause } from '../../machines/cause.ts'
import { type ErrorLink, errorChain, list, read } from '../errors/error-chain.ts'
import { cleanText } from '../errors/redact.ts'
import { type CloseFacts, closeRows } from './close-rows.ts'

/**
 * Why a connection ended, read off `lastDisconnect.error` of either Baileys line, or off anything else that was thrown.
 * Never throws; what no row knows is `unknown`. The result is plain data without secrets.
 */
export function classifyClose(error: unknown): CloseCause {
  const chain = errorChain(error)
  const facts = factsOf(chain)
  const row = closeRows.find((candidate) => candidate.when(facts))
  const detail = cleanText(row?.detail?.(facts) ?? '', 64)
  const expiresInMs = row?.kind === 'temporary-ban' ? expiryOf(chain) : undefined
  return {
    kind: row?.kind ?? 'unknown',
    ...(facts.code === undefined ? {} : { code: facts.code }),
    message: cleanText(facts.message),
    ...(detail === '' ? {} : { detail }),
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  }
}

function factsOf(chain: readonly ErrorLink[]): CloseFacts {
  const message = chain.find((link) => link.message !== '')?.message ?? ''
  const http = /Unexpected server response: (\d{3})/.exec(message)?.[1]
  return {
    message,
    code: chain.find((link) => link.status !== undefined)?.status,
    errno: chain.findLast((link) => link.errno !== undefined)?.errno ?? '',
    stack: chain.map((link) => link.stack).join('\n'),
    http: http === undefined ? undefined : Number(http),
    stream: /^Stream Errored \((.*)\)$/.exec(message)?.[1] || (message.startsWith('Stream Errored') ? 'unknown' : ''),
    conflict: chain.map((link) => conflictOf(link.data)).find((type) => type !== '') ?? '',
    hasData: chain.some((link) => link.data !== undefined && link.data !== null),
  }
}

/** v7 hands over the conflict node itself, v6 the stream error around it. */
function conflictOf(data: unknown): string {
  const node = [data, ...list(read(data, 'content'))].find((candidate) => read(candidate, 'tag') === 'conflict')
  const type = read(read(node, 'attrs'), 'type')
  return typeof type === 'string' ? type : ''
}

/** `expire` is in seconds from now; some servers' answers have none. */
function expiryOf(chain: readonly ErrorLink[]): number | undefined {
  const seconds = chain
    .map((link) => Number(read(link.data, 'expire')))
    .find((value) => Number.isFinite(value) && value > 0)
  return seconds === undefined ? undefined : Math.min(seconds * 1_000, Number.MAX_SAFE_INTEGER)
}
