import { blockedOnError } from './blocking.ts'
import { closeThen } from './closing.ts'
import { connection } from './setup.ts'

/**
 * Takes back a pairing that another number than the expected one has made; the account's own files are not looked at.
 */
export const undoing = connection.createStateConfig({
  description: 'Another number scanned: its device is logged out again, and what it left behind is set aside.',
  tags: 'working',
  // What is being undone is undone to its end.
  on: { reconnect: {} },
  initial: 'unlinking',
  states: {
    unlinking: {
      invoke: {
        id: 'unlinkDevice',
        src: 'unlinkDevice',
        input: ({ context }) => ({ generation: context.generation }),
        onDone: { target: 'closing', actions: { type: 'noteUnlinked', params: { link: 'unlinked' } } },
        onError: {
          target: 'closing',
          actions: { type: 'noteUnlinked', params: { link: 'left' } },
          description: 'The device could not be logged out; its owner is told to remove it.',
        },
      },
    },
    ...closeThen('discarding'),
    discarding: {
      invoke: {
        id: 'discardPairing',
        src: 'discardPairing',
        input: { reason: 'paired by another number than the expected one' },
        onDone: {
          target: '#connection.awaitingQr.choosing',
          actions: { type: 'notify', params: { kind: 'relink-needed' } },
          description: 'The pairing of the other number is in the quarantine. A new code comes.',
        },
        onError: blockedOnError('The pairing of the other number could not be set aside.'),
      },
    },
  },
})
