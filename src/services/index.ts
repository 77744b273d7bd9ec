import { connectionMachine, factsOf } from '../../machines/index.ts'
import { hostOf } from '../host.ts'
import { noticeDetails } from '../notices/details.ts'
import { closeSocket } from './close-socket.ts'
import { healAddress } from './heal-address.ts'
import { openSocket } from './open-socket.ts'
import { promotePairing, stagePairing } from './pairing.ts'
import { prepareAuth } from './prepare-auth.ts'
import { probe } from './probe.ts'
import { pruneSessions } from './prune-sessions.ts'

/** The statechart with its side effects: provided once for the process; what belongs to one account is found through its actor system. */
export const supervisedMachine = connectionMachine.provide({
  actors: { closeSocket, healAddress, openSocket, prepareAuth, probe, promotePairing, pruneSessions, stagePairing },
  actions: {
    notify: ({ context, system, self }, { kind }) => {
      const host = hostOf(system)
      host.notify(kind, noticeDetails(kind, context))
      void self
    },
    saveFacts: ({ context, system }) => {
      void hostOf(system).saveFacts(factsOf(context))
    },
  },
})
