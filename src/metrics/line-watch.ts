import type { CauseKind, DecryptReason, RetriesAsked, StateName, Status } from '../../machines/index.ts'
import { decryptReason } from '../baileys/decrypt-reason.ts'
import { type IncidentStep, incidentStep, newClose, type OpenIncident } from '../history/incidents/fold.ts'
import type { Notice } from '../notices/notice.ts'

/** The part of a line that is observed: any `Lifeline` has it. */
export interface ObservedLine {
  /** As `Lifeline.account`. */
  readonly account: string
  /** Default `heal`. */
  readonly mode?: 'heal' | 'observe'
  /** As `Lifeline.status`. */
  readonly status: Status
  /** As `Lifeline.actor`; undefined while the account is on another host. */
  readonly actor: { getSnapshot(): { readonly context: ObservedContext } } | undefined
  /** See {@link RetriesAsked}; absent while the account is on another host. */
  readonly retriesAsked?: RetriesAsked | undefined
  /** As `Lifeline.ev`. */
  readonly ev: {
    on(event: 'messages.upsert', listener: (upsert: { readonly messages: readonly UpsertedMessage[] }) => void): void
    off(event: 'messages.upsert', listener: (upsert: { readonly messages: readonly UpsertedMessage[] }) => void): void
  }
  /** As `Lifeline.on`. */
  on(event: 'status', listener: (status: Status) => void): () => void
  on(event: 'notice', listener: (notice: Notice) => void): () => void
}

interface ObservedContext {
  readonly evidence: { readonly addresses: readonly string[] }
  readonly outbound: { readonly addresses: readonly string[] }
}

interface UpsertedMessage {
  readonly key?: { readonly id?: string | null; readonly remoteJid?: string | null } | null
  readonly messageStubType?: number | null
  readonly messageStubParameters?: readonly string[] | null
}

/** What happens on a line, told one by one. */
export interface LineHandlers {
  readonly transition?: (from: StateName, to: StateName, at: number) => void
  readonly close?: (cause: CauseKind, code: number | undefined) => void
  readonly notice?: (notice: Notice) => void
  /** Once for each message that could not be read, however often it was tried. */
  readonly unreadable?: (reason: DecryptReason) => void
  readonly incident?: (step: IncidentStep, status: Status) => void
}

/** `WebMessageInfo.StubType.CIPHERTEXT` in both lines of Baileys. */
const ciphertextStub = 2
/** Messages remembered, so that a retry that fails as well is not counted again. */
const mostRemembered = 2_000

/** Watches a line from now on: what lies before is not counted. Returns the function that ends it. */
export function watchLine(line: ObservedLine, handlers: LineHandlers): () => void {
  const watchedFrom = Date.now()
  let before: Status = line.status
  let incident: OpenIncident | undefined
  const seen = new Set<string>()

  const status = (now: Status) => {
    if (now.state !== before.state) handlers.transition?.(before.state, now.state, now.since)
    const { lastClose } = now
    // The first status of a start brings the last close of an earlier run along.
    if (newClose(now, before) !== undefined && lastClose && lastClose.at >= watchedFrom)
      handlers.close?.(lastClose.cause.kind, lastClose.cause.code)
    const step = incidentStep(incident, now, before)
    if (step.incident !== incident) handlers.incident?.(step, now)
    incident = step.incident
    before = now
  }
  const upsert = ({ messages }: { readonly messages: readonly UpsertedMessage[] }) => {
    for (const { key, messageStubType, messageStubParameters } of messages) {
      if (messageStubType !== ciphertextStub) continue
      const id = `${key?.remoteJid} ${key?.id}`
      if (seen.has(id)) continue
      seen.add(id)
      const [oldest] = seen
      if (seen.size > mostRemembered && oldest !== undefined) seen.delete(oldest)
      handlers.unreadable?.(decryptReason(messageStubParameters?.[0] ?? ''))
    }
  }

  line.ev.on('messages.upsert', upsert)
  const offs = [line.on('status', status), line.on('notice', (notice) => handlers.notice?.(notice))]
  return () => {
    line.ev.off('messages.upsert', upsert)
    for (const off of offs) off()
  }
}
