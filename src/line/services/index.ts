import { connectionMachine, factsOf, type NoticeKind, type StateName, statusOf } from '../../../machines/index.ts'
import { noticeDetails } from '../../notices/details.ts'
import { closeSocket } from './close-socket.ts'
import { healAddress } from './heal-address.ts'
import { openSocket } from './open-socket.ts'
import { discardPairing, promotePairing, stagePairing, unlinkDevice } from './pairing.ts'
import { prepareAuth } from './prepare-auth.ts'
import { probe } from './probe.ts'
import { pruneSessions } from './prune-sessions.ts'
import { resourcesOf } from './resources.ts'
import { watchNetwork } from './watch-network.ts'

/**
 * The notices that tell of a state as it is entered, when the last published status is still that of the state before.
 */
const stateTold: Partial<Readonly<Record<NoticeKind, StateName>>> = {
  'relink-needed': 'awaitingQr',
  conflict: 'conflicted',
  blocked: 'blocked',
}

/**
 * The statechart with its side effects: provided once for the process; what belongs to one account is found through its
 * actor system.
 */
export const supervisedMachine = connectionMachine.provide({
  actors: {
    closeSocket,
    discardPairing,
    healAddress,
    openSocket,
    prepareAuth,
    probe,
    promotePairing,
    pruneSessions,
    stagePairing,
    unlinkDevice,
    watchNetwork,
  },
  actions: {
    notify: ({ context, system }, { kind }) => {
      const resources = resourcesOf(system)
      try {
        const state = stateTold[kind]
        resources.notify(kind, noticeDetails(kind, context), state && statusOf(state, context))
      } catch (error) {
        resources.report(error, `telling ${kind}`)
      }
    },
    saveFacts: ({ context, system }) => {
      void resourcesOf(system).saveFacts(factsOf(context))
    },
  },
})
