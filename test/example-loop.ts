import type * as v7 from '@whiskeysockets/baileys'
import { silentLogger } from './silent-logger.ts'

/**
 * A client that keeps itself connected as the example in Baileys' own repository does: dial again at once after every
 * close but a logout.
 */
export class ExampleLoop {
  sock: v7.WASocket | undefined
  /** It showed a code: somebody would have to pair again. */
  askedToPair = false
  #ended = false
  readonly #baileys: typeof v7
  readonly #folder: string
  readonly #options: Partial<v7.UserFacingSocketConfig>
  readonly #onText: (text: string) => void
  readonly #onOpen: () => void

  constructor(
    baileys: typeof v7,
    folder: string,
    options: Partial<v7.UserFacingSocketConfig>,
    onText: (text: string) => void,
    onOpen: () => void = () => undefined,
  ) {
    this.#baileys = baileys
    this.#folder = folder
    this.#options = options
    this.#onText = onText
    this.#onOpen = onOpen
  }

  async start(): Promise<void> {
    if (this.#ended) return
    const baileys = this.#baileys
    const { state, saveCreds } = await baileys.useMultiFileAuthState(this.#folder)
    const sock = baileys.makeWASocket({ ...this.#options, auth: state, logger: silentLogger })
    this.sock = sock
    sock.ev.on('creds.update', () => void saveCreds())
    sock.ev.on('messages.upsert', ({ messages }) => {
      for (const { message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (text) this.#onText(text)
      }
    })
    sock.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
      if (qr !== undefined) this.askedToPair = true
      if (connection === 'open') this.#onOpen()
      if (connection !== 'close') return
      const code = (lastDisconnect?.error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode
      if (code !== baileys.DisconnectReason.loggedOut) void this.start()
    })
  }

  end(): void {
    this.#ended = true
    void this.sock?.end(undefined)
  }
}
