import { fromPromise } from 'xstate'
import { type Resources, resourcesOf } from './resources.ts'

/**
 * Ends the newest socket and shuts every fence: nothing that was opened can be written once this resolves. A socket
 * that will not close is cut. If it rejects, the socket is still there to be shut off once more.
 */
export async function shutSocket(resources: Resources, deadlineMs: number): Promise<void> {
  resources.onSocket(undefined)
  // An opening that is still on its way would slip out between this step and the next.
  await resources.opening
  const { live, staging } = resources
  await live?.close(deadlineMs)
  // What its socket has not waited for is lost; without one nobody but the store itself writes there.
  await staging?.fence(live === undefined ? undefined : Promise.resolve())
  if (resources.live === live) resources.live = undefined
  if (resources.staging === staging) resources.staging = undefined
}

export const closeSocket = fromPromise<void, { readonly deadlineMs: number }>(({ input, system }) =>
  shutSocket(resourcesOf(system), input.deadlineMs),
)
