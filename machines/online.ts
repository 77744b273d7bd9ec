import { blockedBy } from './blocking.ts'
import { connection, judgedOnce, noteAsked } from './setup.ts'

const storm = {
  guard: 'stormUnwatched',
  target: 'climbing',
  description: 'Many contacts fail and none succeeds: waiting on would only lose messages.',
} as const

/** The live cure and Baileys' own retries get their time; a storm, or that time being over, leads to the next rung. */
const escalate = {
  guard: 'unwatched',
  target: 'climbing',
  description: 'The live cure had its time and did not help.',
} as const

/**
 * For those who cannot read us there is no rung beyond new sessions: setting files aside would give them nothing else.
 */
const tell = {
  guard: 'untold',
  actions: ['noteTold', { type: 'notify', params: { kind: 'pruning-exhausted' } }],
  description: 'New sessions did not help those who cannot read what was sent; a person is told, the connection stays.',
} as const

/** From dialling to degraded: everything that happens while there is a socket on the account's own credentials. */
export const online = connection.createStateConfig({
  description: 'Owns the one socket: degraded does not close it, leaving does.',
  initial: 'connecting',
  entry: 'nextGeneration',
  invoke: {
    id: 'socket',
    src: 'openSocket',
    input: ({ context: { generation, afterUnclean } }) => ({ generation, auth: 'account' as const, afterUnclean }),
    onError: { target: 'reconnecting', actions: 'noteError', description: 'The connect function failed.' },
  },
  on: {
    'socket.close': judgedOnce,
    'liveness.lost': judgedOnce,
    'close.judged': [
      {
        guard: { type: 'verdictIs', params: { next: 'reconnect' } },
        target: 'reconnecting',
        actions: 'noteClose',
        description: 'Nothing is wrong with the account: dial again.',
      },
      {
        guard: { type: 'verdictIs', params: { next: 'prune' } },
        target: 'pruningSessions',
        actions: 'noteClose',
        description: 'The closes and the unread messages together speak for damaged sessions.',
      },
      {
        guard: { type: 'verdictIs', params: { next: 'conflicted' } },
        target: 'conflicted',
        actions: 'noteClose',
        description: 'Another client uses these credentials; dialling on would only fight it.',
      },
      {
        guard: { type: 'verdictIs', params: { next: 'block' } },
        target: 'blocked',
        actions: 'noteClose',
        description: 'WhatsApp does not let this account in for now.',
      },
      {
        guard: { type: 'verdictIs', params: { next: 'pair' } },
        target: 'awaitingQr',
        actions: 'noteClose',
        description: 'The credentials are no longer accepted; only a new code helps.',
      },
      {
        guard: { type: 'verdictIs', params: { next: 'stop' } },
        target: 'stopped.closing',
        actions: 'noteClose',
        description: 'This program logged out.',
      },
    ],
    'auth.failed': [
      blockedBy('disk', 'The credentials cannot be opened: the disk is in trouble.'),
      blockedBy('not-owner', 'Another process took the folder over.'),
      {
        guard: { type: 'problemIs', params: { kind: 'creds' } },
        target: 'reconnecting',
        actions: {
          type: 'noteOwnClose',
          params: { kind: 'unknown', message: 'the credentials changed while they were opened' },
        },
        description: 'The credentials need another look.',
      },
    ],
    reconnect: { target: 'reconnecting', actions: [noteAsked, 'atOnce'], description: 'Asked to reconnect.' },
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
    connecting: {
      tags: 'working',
      entry: 'enter',
      after: {
        connectTimeout: {
          target: '#connection.reconnecting',
          actions: {
            type: 'noteOwnClose',
            params: { kind: 'connect-timeout', message: 'the connection did not open in time' },
          },
          description: 'A socket that does not open in time is given up.',
        },
      },
      on: {
        'socket.open': {
          guard: 'current',
          target: 'open',
          actions: ['noteOpen', 'saveFacts'],
          description: 'WhatsApp let us in.',
        },
      },
    },
    open: {
      tags: 'open',
      initial: 'healthy',
      invoke: {
        id: 'probe',
        src: 'probe',
        input: ({ context }) => ({ generation: context.generation }),
        onError: {},
      },
      after: {
        conflictOver: {
          guard: 'contested',
          actions: 'endConflictProbe',
          description: 'No other client pushed us out: the conflict is over.',
        },
        calm: {
          guard: 'unstable',
          actions: ['noteStability', { type: 'notify', params: { kind: 'unstable' } }, 'saveFacts'],
          description: 'The connection lasts again.',
        },
        resetAfter: { actions: ['resetLadder', 'saveFacts'], description: 'Stable: the ladder starts afresh.' },
        verify: [
          {
            guard: 'provenAndFine',
            actions: 'settle',
            description: 'Since sessions were set aside messages can be read.',
          },
          {
            guard: 'unprovenAndFine',
            actions: 'settle',
            description: 'Nothing came from where sessions were set aside, so nobody knows whether it helped.',
          },
          {
            guard: 'verifying',
            target: '.degraded.climbing',
            actions: 'stopVerifying',
            description: 'Messages still cannot be read although sessions were set aside.',
          },
        ],
      },
      states: {
        healthy: {
          entry: ['enter', 'relieve'],
          always: {
            guard: 'isFailing',
            target: 'degraded',
            description: 'What could not be read before the reconnect still counts.',
          },
          on: {
            'evidence.changed': {
              guard: 'isFailing',
              target: 'degraded',
              actions: 'weigh',
              description: 'Too many distinct messages cannot be read.',
            },
            'outbound.changed': {
              guard: 'isFailing',
              target: 'degraded',
              actions: 'weighOutbound',
              description: 'Contacts ask again for what was sent and cannot read it.',
            },
          },
        },
        degraded: {
          initial: 'judging',
          entry: 'enter',
          on: {
            'evidence.changed': {
              guard: 'isFine',
              target: 'healthy',
              actions: 'weigh',
              description: 'Messages can be read again.',
            },
            'outbound.changed': {
              guard: 'isFine',
              target: 'healthy',
              actions: 'weighOutbound',
              description: 'What is sent can be read again.',
            },
          },
          states: {
            judging: {
              always: [
                {
                  guard: 'isExhausted',
                  target: 'exhausted',
                  description: 'Every rung was tried before the reconnect.',
                },
                storm,
                {
                  guard: 'cureLeft',
                  target: 'healing',
                  actions: 'planCure',
                  description: 'First the live cure: new sessions for the failing addresses, the socket stays open.',
                },
                { target: 'watching' },
              ],
            },
            healing: {
              tags: 'working',
              always: storm,
              after: { escalate },
              invoke: {
                id: 'healAddress',
                src: 'healAddress',
                input: ({ context: { cure, generation } }) => ({
                  addresses: cure.unread,
                  unheard: cure.unheard,
                  generation,
                }),
                onDone: { target: 'judging', actions: 'noteLive' },
                onError: {
                  target: 'judging',
                  actions: 'noteLive',
                  description: 'The live cure failed; the next rung comes in time.',
                },
              },
            },
            watching: {
              always: [
                storm,
                {
                  guard: 'cureLeft',
                  target: 'judging',
                  description: 'What has begun to fail meanwhile has had no live cure yet.',
                },
              ],
              after: { escalate, tell },
            },
            climbing: {
              always: [
                {
                  guard: 'rungLeft',
                  target: '#connection.pruningSessions',
                  actions: 'climb',
                  description: 'The failing sessions are set aside, the credentials stay.',
                },
                {
                  target: 'exhausted',
                  actions: ['climb', { type: 'notify', params: { kind: 'pruning-exhausted' } }],
                  description: 'Pruning is not the cure; a person is told, the connection stays up.',
                },
              ],
            },
            exhausted: {
              tags: 'person',
              always: [
                {
                  guard: 'isRelieved',
                  target: 'judging',
                  description: 'What could not be healed is over; what else fails is judged by itself.',
                },
                {
                  guard: 'rungLeft',
                  target: 'judging',
                  actions: 'climbAgain',
                  description: 'What fails now can be cured by setting sessions aside, and the budget allows it again.',
                },
                {
                  guard: 'renewalLeft',
                  target: 'healing',
                  actions: 'planCure',
                  description: 'Others cannot read what was sent; a new session may help them.',
                },
              ],
              after: {
                tell,
                nextDay: { target: 'judging', actions: 'startNewDay', description: 'A new day has a new budget.' },
              },
            },
          },
        },
      },
    },
  },
})
