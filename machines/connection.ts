import { awaitingQr } from './awaiting-qr.ts'
import { blockedBy, blockedOnError } from './blocking.ts'
import { closeThen } from './closing.ts'
import { initialContext } from './context.ts'
import { online } from './online.ts'
import { withReasons } from './reasons.ts'
import { connection, noteAsked } from './setup.ts'
import { pruneInput } from './updates.ts'

/**
 * The life of one linked account. Read it from top to bottom: `preparing` repairs the folder, `online` owns the one
 * socket, and every way out of it leads through a `closing` step, so that no file is touched and no new socket opened
 * while an old one may still write. Each transition says why it is taken; the status, the history and the diagram show
 * these sentences.
 */
export const connectionMachine = connection.createMachine(
  withReasons({
    id: 'connection',
    context: ({ input }) => initialContext(input),
    initial: 'stopped',
    on: {
      stop: { target: '.stopped.closing', description: 'Asked to stop.' },
      'disk.trouble': { actions: 'noteDisk', description: 'A write failed; the old content stands.' },
      'disk.well': { actions: 'noteDisk', description: 'Writes succeed again.' },
      'evidence.changed': { actions: 'weigh' },
      'outbound.changed': { actions: 'weighOutbound' },
      'prune.proven': {
        guard: 'verifying',
        actions: 'noteProven',
        description: 'A message from a pruned address was read: the prune helped.',
      },
      'xstate.error.*': { description: 'A service failed that nobody waits for any more.' },
    },
    states: {
      stopped: {
        initial: 'idle',
        entry: 'enter',
        states: {
          idle: {
            on: {
              stop: {},
              start: { target: '#connection.preparing.closing', actions: 'begin', description: 'Asked to start.' },
            },
          },
          closing: {
            tags: 'closing',
            on: {
              stop: {},
              start: {
                target: '#connection.preparing.closing',
                actions: 'begin',
                description: 'Asked to start while the last run ends.',
              },
            },
            invoke: {
              id: 'closeSocket',
              src: 'closeSocket',
              input: ({ context }) => ({ deadlineMs: Math.min(2_000, context.policy.reconnect.closeTimeoutMs) }),
              onDone: { target: 'idle' },
              onError: { target: 'idle', description: 'The next start shuts the socket off before it does anything.' },
            },
          },
        },
      },

      preparing: {
        description: 'Inspects and repairs the credentials before anything judges whether the account is linked.',
        tags: 'working',
        entry: 'enter',
        initial: 'judging',
        on: {
          relink: {
            actions: 'rememberCode',
            description: 'A code is shown as soon as it is known that no other process owns the folder.',
          },
          'pairing.request': { actions: 'rememberPhone' },
        },
        states: {
          // Only a start comes by here: the last run may have been stopped with a socket that could not be shut off.
          ...closeThen('judging'),
          judging: {
            always: [
              {
                guard: 'banLasts',
                target: '#connection.blocked',
                description: 'A ban from before the restart still lasts.',
              },
              { target: 'inspecting' },
            ],
          },
          inspecting: {
            invoke: {
              id: 'prepareAuth',
              src: 'prepareAuth',
              input: ({ context: { firstLook, afterUnclean, pair } }) => ({
                firstLook,
                afterUnclean,
                ownCreds: pair.ownCreds === true,
              }),
              onDone: [
                {
                  guard: { type: 'linkIs', params: { link: 'staged' } },
                  target: '#connection.awaitingQr',
                  actions: 'notePrepared',
                  description: 'A code was scanned before the restart; that pairing goes on.',
                },
                {
                  guard: 'codeAsked',
                  target: '#connection.awaitingQr',
                  actions: ['notePrepared', { type: 'wantCode', params: { reason: 'asked' } }],
                  description: 'A person asked for a new code.',
                },
                {
                  guard: { type: 'linkIs', params: { link: 'linked' } },
                  target: '#connection.online',
                  actions: 'noteLinked',
                  description: 'The credentials are good.',
                },
                {
                  target: '#connection.awaitingQr',
                  actions: 'notePrepared',
                  description: 'There are no credentials to connect with.',
                },
              ],
              onError: blockedOnError('The folder cannot be read or written.'),
            },
          },
        },
      },

      online,

      pruningSessions: {
        description: 'Sets session files aside behind a shut fence; creds.json stays.',
        tags: 'working',
        initial: 'closing',
        entry: 'enter',
        on: {
          relink: { actions: 'rememberCode', description: 'A code is shown as soon as the files are in their place.' },
        },
        states: {
          ...closeThen('pruning'),
          pruning: {
            entry: 'spend',
            invoke: {
              id: 'pruneSessions',
              src: 'pruneSessions',
              input: ({ context }) => pruneInput(context),
              onDone: {
                target: '#connection.reconnecting',
                actions: ['notePruned', { type: 'notify', params: { kind: 'sessions-pruned' } }],
                description: 'The sessions are in the quarantine. Reconnect with the same credentials.',
              },
              onError: [
                blockedBy('not-owner', 'Another process owns the folder, so nothing was touched.'),
                blockedBy('disk', 'The disk did not let us set files aside.'),
                {
                  target: '#connection.reconnecting',
                  actions: 'notePruneError',
                  description: 'Setting files aside failed.',
                },
              ],
            },
          },
        },
      },

      reconnecting: {
        description:
          'Waits for the next attempt: at first short waits that grow, then one attempt every few minutes without end.',
        initial: 'closing',
        entry: ['enter', 'saveFacts'],
        always: {
          guard: 'instabilityUntold',
          actions: ['noteInstability', { type: 'notify', params: { kind: 'unstable' } }, 'saveFacts'],
          description: 'Open connections ended again and again within an hour; a person is told once.',
        },
        on: {
          reconnect: { actions: 'atOnce' },
          relink: {
            target: 'awaitingQr',
            actions: { type: 'wantCode', params: { reason: 'asked' } },
            description: 'A person asked for a new code.',
          },
          prune: {
            guard: 'pruneAffordable',
            target: 'pruningSessions',
            actions: 'askedPrune',
            description: 'A person asked to set sessions aside.',
          },
        },
        states: {
          ...closeThen('waiting'),
          waiting: {
            tags: 'waiting',
            after: { retry: { target: '#connection.preparing', description: 'The wait is over.' } },
            on: {
              reconnect: { target: '#connection.preparing', actions: 'atOnce', description: 'Asked to reconnect now.' },
            },
          },
        },
      },

      awaitingQr,

      conflicted: {
        description:
          'Another client uses the same credentials. A person is told. From time to time it is checked whether it is gone.',
        tags: 'person',
        initial: 'closing',
        entry: ['enter', 'saveFacts', { type: 'notify', params: { kind: 'conflict' } }],
        on: {
          reconnect: {
            target: 'reconnecting',
            actions: [noteAsked, 'atOnce', 'forgetConflicts'],
            description: 'A person says that the other client is gone.',
          },
          relink: {
            target: 'awaitingQr',
            actions: { type: 'wantCode', params: { reason: 'asked' } },
            description: 'A person asked for a new code.',
          },
        },
        states: {
          ...closeThen('waiting'),
          waiting: {
            tags: 'waiting',
            after: {
              conflictProbe: {
                target: '#connection.preparing',
                actions: 'beginConflictProbe',
                description: 'Time to check whether the other client is gone.',
              },
            },
          },
        },
      },

      blocked: {
        description: 'Connecting would not help, or would do harm. A timer or a person ends this.',
        initial: 'closing',
        entry: ['enter', 'saveFacts', { type: 'notify', params: { kind: 'blocked' } }],
        on: {
          reconnect: {
            target: 'reconnecting',
            actions: ['unblock', noteAsked, 'atOnce'],
            description: 'A person says that it is settled.',
          },
          relink: {
            target: 'reconnecting',
            actions: ['unblock', noteAsked, 'atOnce', 'rememberCode'],
            description:
              'A person asked for a new code. It is shown once it is known that no other process owns the folder.',
          },
        },
        states: {
          ...closeThen('choosing'),
          choosing: { always: [{ guard: 'needsPerson', target: 'awaitingPerson' }, { target: 'holding' }] },
          holding: {
            tags: 'waiting',
            after: {
              hold: [
                {
                  guard: 'banOutlastsTimer',
                  target: 'holding',
                  reenter: true,
                  actions: 'extendBan',
                  description: 'The ban lasts longer than one timer.',
                },
                { target: '#connection.preparing', actions: 'unblock', description: 'The wait is over: try again.' },
              ],
            },
          },
          awaitingPerson: {
            tags: 'person',
          },
        },
      },
    },
  }),
)
