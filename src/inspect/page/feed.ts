import type { Message } from '../wire.ts'

const againMs = 1_000
const mostMs = 15_000

/**
 * The messages of the relay, one on each line of a frame, as long as the page is open. After a lost connection it comes
 * back by itself, and begins anew.
 */
export function follow(on: {
  readonly begins: () => void
  readonly message: (message: Message) => void
  readonly lost: () => void
}): void {
  let waitMs = againMs
  const open = () => {
    const socket = new WebSocket(`ws://${location.host}/events`)
    socket.addEventListener('open', () => {
      waitMs = againMs
      on.begins()
    })
    socket.addEventListener('message', ({ data }) => {
      for (const text of String(data).split('\n')) on.message(JSON.parse(text) as Message)
    })
    socket.addEventListener('close', () => {
      on.lost()
      setTimeout(open, waitMs)
      waitMs = Math.min(mostMs, waitMs * 2)
    })
  }
  open()
}
