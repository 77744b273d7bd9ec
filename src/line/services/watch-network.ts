import { fromCallback } from 'xstate'
import type { Reach, WatchEvent } from '../../../machines/index.ts'
import { watchForServer } from './lookout.ts'
import { resourcesOf } from './resources.ts'

/** Ends a wait early when the server can be reached again, however long the ladder has grown meanwhile. */
export const watchNetwork = fromCallback<WatchEvent, { readonly reach: Reach }, WatchEvent>(
  ({ input, sendBack, system }) => {
    const { server, policy, abort } = resourcesOf(system)
    const everyMs = policy.reconnect.networkLookMs
    if (input.reach === 'no-matter' || everyMs === 0 || !server) return
    const leave = watchForServer(server, {
      isAway: input.reach === 'out-of-reach',
      everyMs,
      tell: () => sendBack({ type: 'network.back' }),
    })
    // After a crash of the statechart nobody calls the function below.
    abort.signal.addEventListener('abort', leave)
    return () => {
      abort.signal.removeEventListener('abort', leave)
      leave()
    }
  },
)
