import { type ConversationOptions, converse } from '../conversation/conversation.ts'
import type { ConversationReport } from '../conversation/report.ts'
import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import type { Tortured } from './tortured.ts'

/** Fast enough that reading and sending meet, and a second or two long. */
const pace: Pick<ConversationOptions, 'messages' | 'unasked' | 'gapMs' | 'answerMs' | 'quietMs' | 'endsWithinMs'> = {
  messages: 12,
  unasked: 8,
  gapMs: [0, 150],
  answerMs: [0, 150],
  quietMs: 3_000,
  endsWithinMs: 20_000,
}

/**
 * When nothing goes wrong any more: the friends and the account write to each other, and what each could read is
 * judged.
 */
export function lastTalk(server: FakeWhatsApp, gateway: Tortured): Promise<ConversationReport> {
  const { number, friends: contacts } = gateway
  return converse({ ...pace, server, number, client: gateway, contacts, seed: 1 })
}
