import { not } from 'xstate'
import { blockedBy, blockedByDisk, blockedOnError } from './blocking.ts'
import { closeThen } from './closing.ts'
import { connection, judgedOnce, noteAsked } from './setup.ts'
import { undoing } from './undoing.ts'

/** It was scanned, and the device was not let in: a person is told once, until the account is linked. */
const tellOfShutOut = { type: 'notify', params: { kind: 'relink-needed' } } as const

/** Pairing without risk: everything happens in the staging area until the new pairing has opened once. */
export const awaitingQr = connection.createStateConfig({
  description:
    'Shows a code from a staging area; the old credentials stay where they are until the new pairing has opened once.',
  tags: 'person',
  initial: 'closing',
  entry: ['enter', 'saveFacts', { type: 'notify', params: { kind: 'relink-needed' } }],
  on: {
    reconnect: {
      target: 'reconnecting',
      actions: [noteAsked, 'atOnce', 'returnToOwnCreds'],
      description: 'Asked to try the old credentials again.',
    },
    'pairing.request': { actions: 'askAgain' },
    relink: { actions: 'askAgain' },
  },
  states: {
    ...closeThen('choosing'),
    choosing: {
      always: [
        { guard: 'scanned', target: 'staging' },
        {
          guard: 'mayShowCode',
          target: 'staging',
          description: 'A new code is needed: it gets an identity of its own.',
        },
        {
          guard: 'windowsLeft',
          target: 'resting',
          description: 'Observing only, so no code comes until a person asks.',
        },
        {
          target: 'resting',
          description: 'Several series of codes ended without a link, so no more come until a person asks.',
        },
      ],
    },
    staging: {
      entry: 'forgetOwnCreds',
      invoke: {
        id: 'stagePairing',
        src: 'stagePairing',
        input: ({ context }) => ({ resume: context.pair.resume }),
        onDone: { target: 'pairing' },
        onError: blockedOnError('The staging area cannot be made: the disk is in trouble.'),
      },
    },
    pairing: {
      initial: 'dialling',
      entry: 'nextGeneration',
      exit: 'hideQr',
      invoke: {
        id: 'socket',
        src: 'openSocket',
        input: ({ context }) => ({
          generation: context.generation,
          auth: 'staging' as const,
          phone: context.pair.resume ? undefined : context.pair.phone,
          afterUnclean: context.afterUnclean,
        }),
        onError: { target: 'waiting', actions: 'noteError', description: 'The connect function failed.' },
      },
      on: {
        'socket.qr': {
          guard: 'current',
          target: '.showing',
          actions: 'showQr',
          description: 'A code, or the next one.',
        },
        'socket.pairingCode': { guard: 'current', actions: 'showPairingCode' },
        'socket.codeRefused': {
          guard: 'current',
          actions: 'noteCodeRefused',
          description: 'WhatsApp refused to give a pairing code.',
        },
        'socket.scanned': {
          guard: 'current',
          actions: [{ type: 'noteShutOut', params: { how: 'unfinished' } }, tellOfShutOut],
          description: 'The code was scanned, and WhatsApp asked for one more step in place of letting the device in.',
        },
        'socket.paired': {
          guard: 'current',
          target: '.dialling',
          actions: 'notePaired',
          description: 'The code was scanned.',
        },
        'socket.open': [
          {
            guard: 'wrongNumber',
            target: 'undoing',
            actions: 'noteStranger',
            description: 'Another number than the expected one scanned the code.',
          },
          {
            guard: 'current',
            target: 'promoting',
            actions: 'noteOpen',
            description: 'The new pairing has opened once.',
          },
        ],
        'socket.close': judgedOnce,
        'close.judged': [
          {
            guard: { type: 'causeIs', params: { kinds: ['qr-window-over'] } },
            target: 'closing',
            actions: ['countClose', 'windowOver'],
            description: 'This series of codes is over. The next one follows, unless too many were not scanned.',
          },
          {
            guard: 'restartOfPairing',
            target: 'closing',
            actions: 'countClose',
            description: 'A restart after the scan is part of pairing.',
          },
          {
            guard: { type: 'verdictIs', params: { next: 'block' } },
            target: '#connection.blocked',
            actions: 'noteClose',
            description: 'WhatsApp does not let this client in for now.',
          },
          {
            guard: { type: 'causeIs', params: { kinds: ['intentional', 'replaced', 'pairing-failed'] } },
            target: 'waiting',
            actions: ['chargeClose', 'windowOver'],
            description: 'This pairing failed. A new code comes after a pause.',
          },
          {
            guard: 'scannedAndRefused',
            target: 'waiting',
            actions: ['chargeClose', { type: 'noteShutOut', params: { how: 'refused' } }, 'windowOver', tellOfShutOut],
            description: 'The code was scanned, and WhatsApp refused the login of the new device.',
          },
          {
            guard: 'identityRefused',
            target: 'waiting',
            actions: ['chargeClose', 'windowOver'],
            description: 'WhatsApp does not accept the scanned identity. A new code comes after a pause.',
          },
          {
            target: 'waiting',
            actions: 'chargeJudged',
            description: 'The connection for the code ended. The next one follows after a pause.',
          },
        ],
        'auth.failed': [
          blockedBy('not-owner', 'Another process took the folder over.'),
          {
            guard: { type: 'problemIs', params: { kind: 'creds' } },
            target: 'waiting',
            actions: [
              {
                type: 'noteOwnClose',
                params: { kind: 'pairing-failed', message: 'the identity in the staging area cannot be read' },
              },
              'windowOver',
            ],
            description: 'The identity in the staging area cannot be read. Only a new one helps.',
          },
          blockedByDisk('The staging area cannot be opened.'),
        ],
        'pairing.request': {
          guard: not('scanned'),
          target: 'closing',
          actions: 'askAgain',
          description: 'A person asked for a pairing code.',
        },
      },
      states: {
        dialling: {
          tags: 'working',
          after: {
            connectTimeout: [
              {
                guard: 'scanned',
                target: '#connection.awaitingQr.waiting',
                actions: [
                  {
                    type: 'noteOwnClose',
                    params: { kind: 'connect-timeout', message: 'the scanned login was not answered in time' },
                  },
                  { type: 'noteShutOut', params: { how: 'unanswered' } },
                  tellOfShutOut,
                ],
                description: 'The code was scanned, and the login of the new device was not answered in time.',
              },
              {
                target: '#connection.awaitingQr.waiting',
                actions: { type: 'noteOwnClose', params: { kind: 'connect-timeout', message: 'no code came in time' } },
                description: 'No code came in time.',
              },
            ],
          },
        },
        showing: { description: 'The code is shown. Baileys replaces it from time to time, and ends the series.' },
      },
    },
    waiting: {
      tags: 'waiting',
      initial: 'closing',
      on: {
        'pairing.request': { target: 'closing', actions: 'askAgain' },
        relink: { target: 'closing', actions: 'askAgain' },
      },
      states: {
        ...closeThen('retrying'),
        retrying: {
          after: { retry: { target: '#connection.awaitingQr.choosing', description: 'The wait is over.' } },
        },
      },
    },
    promoting: {
      tags: 'working',
      // What is being moved is moved to its end; the new credentials are dialled right after.
      on: { reconnect: {} },
      initial: 'closing',
      states: {
        ...closeThen('moving'),
        moving: {
          invoke: {
            id: 'promotePairing',
            src: 'promotePairing',
            input: ({ context }) => ({ reason: context.pair.reason }),
            onDone: {
              target: '#connection.preparing',
              actions: ['linked', { type: 'notify', params: { kind: 'relinked' } }],
              description: 'The new credentials are in place, the old ones in the quarantine.',
            },
            onError: blockedOnError('The new credentials could not be put in place; they wait in the staging area.'),
          },
        },
      },
    },
    undoing,
    resting: {
      description: 'No code is shown. A person can ask for one with relink() or requestPairingCode().',
      on: {
        'pairing.request': { target: 'choosing', actions: 'askAgain', description: 'Someone is there.' },
        relink: {
          target: 'choosing',
          actions: { type: 'wantCode', params: { reason: 'asked' } },
          description: 'Someone is there.',
        },
      },
      after: {
        conflictProbe: {
          guard: 'oldCredsMayWork',
          target: '#connection.preparing',
          actions: 'retryOwnCreds',
          description: 'The old credentials may still work: they are tried from time to time.',
        },
      },
    },
  },
})
