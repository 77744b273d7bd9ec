import { afterAll, beforeAll } from 'vitest'
import { muteConsole } from '../../src/baileys/muted-console.ts'
import { learnProtocol } from '../../src/rehearsal/fake-whatsapp/protocol.ts'
import { closedPort } from './lines.ts'
import { type Party, party } from './party.ts'

type Of = Parameters<typeof party>

/** Makes parties for the tests of a file, on sockets that reach nobody, and ends them after the last. */
export function ownParties(): (baileys: Of[0], keys?: Of[2]) => Party {
  let url = ''
  let unmute: () => void = () => undefined
  const made: Party[] = []
  beforeAll(async () => {
    await learnProtocol()
    url = await closedPort()
    // libsignal prints sessions, keys and all, when one breaks or is closed.
    unmute = muteConsole()
  })
  afterAll(async () => {
    unmute()
    await Promise.all(made.map(({ socket }) => socket.end(undefined)))
  })
  return (baileys, keys) => {
    const one = party(baileys, url, keys)
    made.push(one)
    return one
  }
}
