import { fromPromise } from 'xstate'
import { hostOf } from '../host.ts'

/** Ends the newest socket and shuts its fence. Nothing of it can be written once this resolves; a socket that will not close is cut. */
export const closeSocket = fromPromise<void, { readonly deadlineMs: number }>(async ({ input, system }) => {
  const host = hostOf(system)
  const { live } = host
  if (!live) return
  host.onSocket(undefined)
  await live.close(input.deadlineMs)
  if (host.live === live) host.live = undefined
})
