import type { WASocket } from '@whiskeysockets/baileys'

/** How long it takes from a message's bytes on the client's socket to the event that tells it. */
export class ArrivalTimes {
  readonly #byId = new Map<string, number>()
  #taken: number[] = []

  follow(socket: WASocket): void {
    // Each message of the fake server is one frame, and both lines tell each frame in the order in which they came.
    let came: number[] = []
    let at = 0
    // Before Baileys' own listener, which tells a frame at once.
    socket.ws.prependListener('message', () => came.push(performance.now()))
    socket.ws.on('frame', (frame: { readonly tag?: string; readonly attrs?: { readonly id?: string } }) => {
      const time = came[at++]
      if (at > 1_000) {
        came = came.slice(at)
        at = 0
      }
      const id = frame.tag === 'message' ? frame.attrs?.id : undefined
      if (id !== undefined && time !== undefined && !this.#byId.has(id)) this.#byId.set(id, time)
    })
  }

  told(id: string): void {
    const came = this.#byId.get(id)
    this.#byId.delete(id)
    if (came !== undefined) this.#taken.push(performance.now() - came)
  }

  take(): readonly number[] {
    const taken = this.#taken
    this.#taken = []
    return taken
  }
}
