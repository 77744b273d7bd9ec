import { fromPromise } from 'xstate'
import { type Host, hostOf } from './host.ts'

/**
 * Ends the newest socket and shuts every fence: nothing that was opened can be written once this resolves. A socket that will not close is cut.
 * If it rejects, the socket is still there to be shut off once more.
 */
export async function shutSocket(host: Host, deadlineMs: number): Promise<void> {
  host.onSocket(undefined)
  // An opening that is still on its way would slip out between this step and the next.
  await host.opening
  const { live, staging } = host
  await live?.close(deadlineMs)
  await staging?.fence()
  if (host.live === live) host.live = undefined
  if (host.staging === staging) host.staging = undefined
}

export const closeSocket = fromPromise<void, { readonly deadlineMs: number }>(({ input, system }) =>
  shutSocket(hostOf(system), input.deadlineMs),
)
