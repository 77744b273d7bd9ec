import { fromCallback } from 'xstate'
import type { CauseKind, SocketEvent } from '../../../machines/index.ts'
import { PingError, pingSocket, watchFrames } from '../../baileys/frame-activity.ts'
import type { BaileysSocket } from '../../baileys/socket.ts'
import { watchTraffic } from '../../baileys/traffic.ts'
import { everyShared } from '../../stores/shared-interval.ts'
import { problemOfLoss } from './problem.ts'
import { type Resources, resourcesOf } from './resources.ts'
import { watchRoundTrips } from './round-trip.ts'

/**
 * Watches an open link. Silence of frames, not of messages, leads to a ping with a deadline; a wall clock that ran
 * ahead of the timers means that the host slept. Baselines start afresh with each connection. Each look also asks
 * whether the folder is still ours.
 */
export const probe = fromCallback<SocketEvent, { readonly generation: number }, SocketEvent>(
  ({ input, sendBack, system }) => {
    const resources = resourcesOf(system)
    const { live, policy } = resources
    const { silenceMs, probeTimeoutMs, sleepJumpMs, stuckMs, expectTrafficEveryMs } = policy.liveness
    if (live?.socket === undefined || live.generation !== input.generation) return
    const { socket } = live
    const abort = new AbortController()
    const lost = (kind: CauseKind, message: string) => {
      if (!abort.signal.aborted)
        sendBack({ type: 'liveness.lost', generation: input.generation, cause: { kind, message } })
    }
    // Silence is measured on the monotonic clock: a wall clock that is set back must not hide it.
    const frames = watchFrames(socket, () => performance.now())
    let messageAt = performance.now()
    const offTraffic = watchTraffic(socket, () => {
      messageAt = performance.now()
    })
    const expected = expectTrafficEveryMs === 0 ? Number.POSITIVE_INFINITY : expectTrafficEveryMs
    const tickMs = Math.max(1, Math.min(silenceMs, sleepJumpMs, stuckMs, expected) / 2)
    let last = Date.now()
    let pinging = false
    const endTicks = everyShared(tickMs, () => {
      checkOwner()
      const now = Date.now()
      const ahead = now - last - tickMs
      last = now
      if (ahead > sleepJumpMs) lost('slept', `the clock jumped ahead by ${Math.round(ahead / 1000)} s`)
      else if (live.busyMs >= stuckMs)
        lost('stuck', `a message has been taken in for ${Math.round(live.busyMs / 1000)} s without an end`)
      else if (performance.now() - messageAt >= expected)
        lost('quiet', `no message came or went for ${Math.round(expected / 1000)} s`)
      else if (!pinging && performance.now() - frames.lastAt >= silenceMs) ping()
    })
    const offRoundTrips = roundTrips(resources, socket, (message) => lost('unanswered', message))
    let looking = false
    // A lost lock shuts the fence at once, but an idle account writes nothing, and would be called healthy until its
    // next message could not be kept.
    const checkOwner = () => {
      if (looking) return
      looking = true
      resources.store
        .owned()
        .then(async (owned) => {
          if (owned || abort.signal.aborted) return
          // At once, not only when the statechart comes to it: the other owner may be writing already.
          live.auth.fence().catch(ignore)
          const problem = await problemOfLoss(resources.store)
          if (!abort.signal.aborted) sendBack({ type: 'auth.failed', generation: input.generation, problem })
        })
        .catch(ignore) // a disk that does not answer is no other owner; its own watch tells of it
        .finally(() => {
          looking = false
        })
    }
    const ping = () => {
      pinging = true
      pingSocket(socket, probeTimeoutMs, abort.signal)
        .catch((error: unknown) =>
          lost('deaf', error instanceof PingError ? error.message : 'the ping could not be sent'),
        )
        .finally(() => {
          pinging = false
        })
    }
    const leave = () => {
      abort.abort()
      endTicks()
      frames.stop()
      offTraffic()
      offRoundTrips()
    }
    // After a crash of the statechart nobody calls the function below.
    const over = resources.abort.signal
    over.addEventListener('abort', leave)
    return () => {
      over.removeEventListener('abort', leave)
      leave()
    }
  },
)

const ignore = (): void => undefined

/**
 * What is written to the account's own chat where the owner wants it. The first link on which nothing comes back is
 * given up; if nothing does on the next one either, a person is told, and the link stays: the phone may be off.
 */
function roundTrips(resources: Resources, socket: BaileysSocket, lost: (message: string) => void): () => void {
  const { mode, policy, live } = resources
  const { roundTripMs, roundTripTimeoutMs } = policy.liveness
  // Who only observes writes to nobody.
  if (roundTripMs === 0 || mode === 'observe') return ignore
  return watchRoundTrips({
    socket,
    self: () => (live?.auth.state.creds.me ?? socket.user)?.id,
    everyMs: roundTripMs,
    timeoutMs: roundTripTimeoutMs,
    unanswered: () => {
      if (resources.answering === 'answered') {
        resources.answering = 'dropped'
        lost('twice nothing came back for what the account wrote to itself')
      } else if (resources.answering === 'dropped') {
        resources.answering = 'told'
        resources.notify('unanswered', {})
      }
    },
    delivered: () => {
      if (resources.answering === 'told') resources.notify('unanswered', { over: true })
      resources.answering = 'answered'
    },
    report: resources.reportOnce,
  })
}
