import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Message } from '../../src/inspect/wire.ts'

export interface Viewer {
  readonly socket: WebSocket
  /** Everything that it was sent, as it came. */
  readonly texts: readonly string[]
  readonly messages: readonly Message[]
  until(holds: (messages: readonly Message[]) => boolean): Promise<void>
}

/** Connects as the page does, or as a page of another origin. Rejects if it is refused. */
export async function viewer(url: string, origin: string | undefined = new URL(url).origin): Promise<Viewer> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}events`, origin === undefined ? {} : { origin })
  const texts: string[] = []
  const messages: Message[] = []
  socket.on('message', (data) => {
    texts.push(String(data))
    for (const text of String(data).split('\n')) messages.push(JSON.parse(text) as Message)
  })
  await once(socket, 'open')
  return {
    socket,
    texts,
    messages,
    until: async (holds) => {
      while (!holds(messages)) await once(socket, 'message')
    },
  }
}
