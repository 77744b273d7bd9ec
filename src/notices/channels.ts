import type { AuthStore } from '../stores/store.ts'
import { folderKeep, memoryKeep, type NoticeKeep } from './keep.ts'
import type { Notice } from './notice.ts'
import type { ChannelLine, Notifier, OpenChannel } from './notifier.ts'

interface ChannelsParts {
  readonly account: string
  readonly notifiers: readonly Notifier[]
  readonly store: AuthStore
  readonly line: ChannelLine
  readonly report: (error: unknown, doing: string) => void
}

/** Everybody who is told. Functions always are; channels while they are open. */
export class Channels {
  readonly #parts: ChannelsParts
  #open: readonly OpenChannel[] = []

  constructor(parts: ChannelsParts) {
    this.#parts = parts
  }

  /** Supervision begins. One that cannot open is reported and left out. */
  open(): void {
    const { account, notifiers, line, report } = this.#parts
    const names = new Map<string, number>()
    this.#open = notifiers.flatMap((one) => {
      if (typeof one === 'function') return []
      const count = (names.get(one.name) ?? 0) + 1
      names.set(one.name, count)
      try {
        const keep = this.#keepOf(count === 1 ? one.name : `${one.name}-${count}`)
        return [one.open({ account, keep, line, report })]
      } catch (error) {
        report(error, `opening the notice channel ${one.name}`)
        return []
      }
    })
  }

  tell(notice: Notice): void {
    for (const one of this.#parts.notifiers) if (typeof one === 'function') void this.#tell(one, notice)
    for (const channel of this.#open) void this.#tell((told) => channel.tell(told), notice)
  }

  /** Supervision ends. Never rejects. */
  async close(): Promise<void> {
    const channels = this.#open
    this.#open = []
    await Promise.all(
      channels.map(async (channel) => {
        try {
          await channel.close?.()
        } catch (error) {
          this.#parts.report(error, 'closing a notice channel')
        }
      }),
    )
  }

  async #tell(tell: (notice: Notice) => unknown, notice: Notice): Promise<void> {
    try {
      await tell(notice)
    } catch (error) {
      this.#parts.report(error, `delivering the notice ${notice.kind}`)
    }
  }

  #keepOf(name: string): NoticeKeep {
    const { store, report } = this.#parts
    const folder =
      name
        .replace(/[^\w.-]/g, '_')
        .replace(/^\.+/, '')
        .slice(0, 80) || 'channel'
    return store.ownFolder === undefined ? memoryKeep() : folderKeep(store.ownFolder, folder, report)
  }
}
