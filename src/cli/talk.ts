import type { EventEmitter } from 'node:events'

/** What of a process that can be talked with is used here: of this one itself, or of one that it started. */
export interface Party extends Pick<EventEmitter, 'on' | 'off'> {
  readonly connected: boolean
  send?(message: unknown, handle: unknown, options: undefined, told: () => void): unknown
  disconnect(): void
}

/** Who holds the channel of a program that has ended may hold it for ever: another one that it started. */
const lastWordsMs = 1_000

export interface Talk {
  /** Of a program that has ended: resolves once the manager has all that it said, or after a second. */
  lastWords(): Promise<void>
  /** Nobody listens any more. */
  end(): void
}

/**
 * A manager and the program hear from each other as if nobody stood between them: each message, and then that the other
 * one hangs up.
 */
export function introduce(manager: Party, program: Party): Talk {
  const [down, up] = [handOn(manager, program), handOn(program, manager)]
  return {
    lastWords: async () => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, lastWordsMs)
      })
      await Promise.race([up.heardOut, late])
      clearTimeout(timer)
    },
    end: () => {
      down.end()
      up.end()
    },
  }
}

interface Direction {
  /** It has hung up, and the other one has all that it said before. */
  readonly heardOut: Promise<void>
  readonly end: () => void
}

function handOn(from: Party, to: Party): Direction {
  let telling = 0
  let hasHungUp = false
  let heardOut = (): void => undefined
  const done = new Promise<void>((resolve) => {
    heardOut = resolve
  })
  const look = () => {
    // Whoever hangs up takes back what is still on its way.
    if (!hasHungUp || telling > 0) return
    if (to.connected) to.disconnect()
    heardOut()
  }
  const say = (message: unknown, handle: unknown) => {
    if (!to.connected || !to.send) return
    telling += 1
    // Without the function, this process would fail of a message that does not reach anybody.
    to.send(message, handle, undefined, () => {
      telling -= 1
      look()
    })
  }
  const hangUp = () => {
    hasHungUp = true
    look()
  }
  from.on('message', say)
  from.on('disconnect', hangUp)
  return {
    heardOut: done,
    end: () => {
      from.off('message', say)
      from.off('disconnect', hangUp)
    },
  }
}
