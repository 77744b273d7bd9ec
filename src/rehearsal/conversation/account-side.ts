import type { ConversationClient, Heard } from './client.ts'
import { answerTo, nameless, type Script, type Span } from './script.ts'

/** What the account sent, or tried to. */
export interface Said {
  readonly text: string
  readonly chat: string
  /** Undefined until it is sent. */
  id?: string
  /** Why it was not. */
  refused?: string
}

export interface AccountSideOptions {
  readonly client: Pick<ConversationClient, 'send' | 'onHeard'>
  readonly script: Script
  /** How long after a text it is answered. Absent: nothing is answered. */
  readonly answerMs?: Span
  readonly onHeard?: (heard: Heard) => void
  readonly onSaid?: (said: Said) => void
}

/** The bot of a conversation: hears what comes, answers each text once, and writes by itself when it is told to. */
export class AccountSide {
  readonly heard: Heard[] = []
  readonly said: Said[] = []
  readonly #options: AccountSideOptions
  readonly #answered = new Set<string>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #off: () => void
  /** Sends that have neither resolved nor been refused. */
  #sending = 0

  constructor(options: AccountSideOptions) {
    this.#options = options
    this.#off = options.client.onHeard((heard) => this.#hear(heard))
  }

  /** Nothing is about to be sent. */
  get idle(): boolean {
    return this.#sending === 0 && this.#timers.size === 0
  }

  async say(chat: string, text: string): Promise<void> {
    const { client, onSaid } = this.#options
    const said: Said = { text, chat }
    this.said.push(said)
    this.#sending += 1
    try {
      said.id = await client.send(chat, text)
    } catch (error) {
      said.refused = error instanceof Error ? error.message : String(error)
    } finally {
      this.#sending -= 1
    }
    onSaid?.(said)
  }

  end(): void {
    this.#off()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #hear(heard: Heard): void {
    const { script, answerMs, onHeard } = this.#options
    this.heard.push(heard)
    onHeard?.(heard)
    const { chat, text } = heard
    // A text that is told twice is a fault of its own, and is answered once.
    if (!answerMs || this.#answered.has(text)) return
    this.#answered.add(text)
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer)
        void this.say(chat, answerTo(text))
      },
      script.ms(`answer ${nameless(text)}`, answerMs),
    )
    this.#timers.add(timer)
  }
}
