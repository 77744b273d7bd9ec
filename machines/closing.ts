import { connection } from './setup.ts'

/**
 * The step that every way out of a socket begins with: end it, wait for its close, shut its fence. A socket that will not close is left to its
 * fence, so this step always leads on.
 */
export const closeThen = <Target extends string>(target: Target) =>
  connection.createStateConfig({
    tags: 'closing',
    invoke: {
      id: 'closeSocket',
      src: 'closeSocket',
      input: ({ context }) => ({ deadlineMs: context.policy.reconnect.closeTimeoutMs }),
      onDone: { target },
      onError: { target },
    },
  })
