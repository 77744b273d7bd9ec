import { connection } from './setup.ts'

/**
 * The step that every way out of a socket begins with: end it, wait for its close, shut its fence. A socket that will
 * not close is left to its fence. If even that fails, the socket may still write: nothing is dialled and no file is
 * touched until it is shut.
 */
export const closeThen = <Target extends string>(target: Target) => ({
  closing: connection.createStateConfig({
    tags: 'closing',
    invoke: {
      id: 'closeSocket',
      src: 'closeSocket',
      input: ({ context }) => ({ deadlineMs: context.policy.reconnect.closeTimeoutMs }),
      onDone: { target },
      onError: { target: 'unshut', description: 'The old socket may still write, so nothing else is done yet.' },
    },
  }),
  unshut: connection.createStateConfig({
    tags: 'closing',
    after: { closeAgain: { target: 'closing', description: 'Shut the old socket off, once more.' } },
  }),
})
