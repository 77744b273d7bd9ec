import type { PolicyOptions } from '../../../machines/index.ts'
import type { WAMessage, WASocket } from '../../baileys/baileys-types.ts'
import { installedBaileys } from '../../baileys/installed.ts'
import { createLifeline, type Lifeline, type OwnersLogger } from '../../index.ts'

/** Where the fake server is, in a form that can be handed to another process. */
export interface ServerAddress {
  readonly url: string
  readonly rootKey: string
}

export interface Read {
  readonly id: string
  readonly from: string
  readonly text: string
}

interface BotOptions {
  readonly auth: string
  readonly server: Pick<ServerAddress, 'url'>
  readonly policy: PolicyOptions
  readonly logger?: OwnersLogger
  /** For how long a code is shown, ms. Default as Baileys has it: the first for 60 s. */
  readonly qrTimeout?: number
}

/** A supervised account on the fake server: the ten lines that a gateway needs. */
export function supervise({ server, qrTimeout, ...options }: BotOptions): Lifeline<WASocket> {
  return createLifeline({
    account: 'demo',
    ...options,
    connect: async ({ auth, logger, getMessage, caches }) =>
      (await installedBaileys()).makeWASocket({
        auth,
        logger,
        getMessage,
        ...caches,
        waWebSocketUrl: server.url,
        ...(qrTimeout === undefined ? {} : { qrTimeout }),
        fireInitQueries: false,
        // The fake server has no history to send.
        shouldSyncHistoryMessage: () => false,
      }),
  })
}

const textOf = ({ message }: WAMessage): string | undefined =>
  message?.conversation ?? message?.extendedTextMessage?.text ?? undefined

/** What the bot answers to a text. */
export const answerTo = (text: string): string => `You wrote: ${text}`

/** Reads what contacts write and answers each of them, as a bot does. */
export function answerEverybody(line: Lifeline<WASocket>, onRead: (read: Read) => void): void {
  line.ev.on('messages.upsert', ({ messages }) => {
    for (const message of messages) {
      const { id, remoteJid: from, fromMe } = message.key
      const text = textOf(message)
      if (fromMe || !id || !from || text === undefined) continue
      onRead({ id, from, text })
      // An answer that is cut off by the end of its socket is lost, as it would be in any bot.
      line.socket?.sendMessage(from, { text: answerTo(text) }).catch(() => undefined)
    }
  })
}
