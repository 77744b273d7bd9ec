import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isOpen } from '../../baileys/transport-state.ts'
import { fileAuthStore } from '../../index.ts'
import type { ConversationReport } from '../conversation/report.ts'
import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import type { Leak } from './leaks.ts'
import { harms, type Step } from './steps.ts'
import type { Tortured } from './tortured.ts'

/** Everything that a run has to show. */
export interface Evidence {
  readonly server: FakeWhatsApp
  readonly gateway: Tortured
  readonly schedule: readonly Step[]
  /** What the account is, before the first step and after the stop; undefined if creds.json could not be read. */
  readonly identity: readonly [before: string | undefined, after: string | undefined]
  readonly healed: boolean
  readonly read: boolean
  /** What became of the conversation at the end; undefined if it did not come so far. */
  readonly talk: ConversationReport | undefined
  readonly stopMs: number
  readonly stopsWithinMs: number
  readonly leaks: readonly Leak[]
}

/** A promise that did not hold. */
export interface Broken {
  readonly rule: string
  readonly found: string
  readonly remedy: string
}

interface Rule {
  readonly name: string
  /** What is wrong, if something is. */
  readonly look: (evidence: Evidence) => string | undefined | Promise<string | undefined>
  readonly remedy: string
}

const list = (items: Iterable<string>): string => [...items].join(', ')

/** What must hold after every schedule, in the order in which it is told. */
export const rules: readonly Rule[] = [
  {
    name: 'heals',
    look: ({ healed, gateway }) =>
      healed ? undefined : `it was ${gateway.state} long after everything was well again: ${gateway.message}`,
    remedy:
      'connect must return a new, open-ended socket at every call, and leave closes and retries to the supervisor.',
  },
  {
    name: 'one socket',
    look: ({ server, gateway, schedule }) => {
      // Of a link that has died without a word the server cannot hear that the client has left it.
      const peak = schedule.some(({ name }) => name === 'half-open') ? 0 : server.peak(gateway.number)
      if (peak > 1) return `${peak} connections of the account were open at the same time`
      return gateway.overlaps > 0 ? 'connect was called while a socket was open' : undefined
    },
    remedy: 'connect must make one socket for each call and never dial again by itself.',
  },
  {
    name: 'no code',
    look: ({ gateway }) => (gateway.askedToPair ? 'a code was shown to an account that is linked' : undefined),
    remedy: 'The credentials did not survive: connect must use the auth that it is given, and nothing else.',
  },
  {
    name: 'same account',
    look: ({ identity: [before, after] }) => (before === after ? undefined : 'creds.json holds other keys than before'),
    remedy: 'connect must use the auth that it is given, and write no creds.json itself.',
  },
  {
    name: 'sessions stay',
    look: ({ schedule, gateway }) => {
      const asked = schedule.filter(({ name }) => name === 'prune').length
      const prunes = gateway.notices.filter((kind) => kind === 'sessions-pruned').length
      const wrong = !schedule.some(({ name }) => harms(name)) && prunes > Math.min(1, asked)
      return wrong ? `sessions were set aside ${prunes} times, and nothing was wrong with them` : undefined
    },
    remedy: 'If connect passes its own logger to makeWASocket, let it pass on the one that it is given.',
  },
  {
    name: 'nothing lost',
    look: async ({ gateway }) => {
      for (const { id, files } of await fileAuthStore(gateway.folder).quarantined())
        for (const { name, sha256 } of files) {
          const content = await readFile(join(gateway.folder, '.lifeline', 'quarantine', id, name))
          if (createHash('sha256').update(content).digest('hex') !== sha256) return `${name} changed in the quarantine`
        }
      return undefined
    },
    remedy: 'Nothing but the supervisor may write below .lifeline.',
  },
  {
    name: 'waits say so',
    look: ({ gateway }) => {
      for (const { state, nextAttemptAt, userAction } of gateway.statuses) {
        if (state === 'reconnecting' && nextAttemptAt === undefined) return 'it reconnected without naming a time'
        if ((state === 'blocked' || state === 'conflicted') && userAction === 'none')
          return `it was ${state} without naming what a person is to do`
      }
      return undefined
    },
    remedy: 'This is a fault of baileys-lifeline. Please report it with the schedule.',
  },
  {
    name: 'all read',
    look: ({ read, healed, gateway }) => {
      if (read || !healed) return undefined
      const missing = gateway.sent.filter((text) => !gateway.texts.has(text))
      if (missing.length === 0) return 'some messages were told only when it was stopped'
      const named = gateway.history.some((entry) => entry.type === 'unreadable' && entry.messages > 0)
      return named
        ? undefined
        : `${missing.length} of ${gateway.sent.length} messages were never read, and the history names none: ${list(missing)}`
    },
    remedy: 'Listen on line.ev; connect must not take events off the socket (messages.upsert, creds.update).',
  },
  {
    name: 'contacts read',
    look: ({ talk }) => {
      if (!talk || talk.toContacts.neverRead.length === 0) return undefined
      const { sent, neverRead, askedAgain } = talk.toContacts
      return `when all was well, ${neverRead.length} of ${sent} messages of the account could not be read by those they were for, who asked for them ${askedAgain} times`
    },
    remedy:
      'Reading and sending must not use one session at the same time, and no write may be dropped: connect must use the auth that it is given, as it is. A loop of your own needs supervision for that.',
  },
  {
    name: 'told once',
    look: ({ talk }) => {
      if (!talk) return undefined
      const { toldNever, toldTwice } = talk.toAccount
      const found = [
        toldNever.length > 0 && `${toldNever.length} of ${talk.toAccount.sent} messages were never told`,
        toldTwice.length > 0 && `${toldTwice.length} were told twice`,
      ].filter((part) => part !== false)
      return found.length === 0 ? undefined : `when all was well, ${found.join(' and ')}`
    },
    remedy: 'connect must not take events off the socket, nor tell messages a second time.',
  },
  {
    name: 'stops',
    look: ({ gateway, stopMs, stopsWithinMs }) => {
      if (stopMs > stopsWithinMs) return `stop() took ${(stopMs / 1000).toFixed(1)} s`
      const open = gateway.sockets.filter(({ ws }) => isOpen(ws)).length
      return open > 0 ? `${open} sockets were open after stop()` : undefined
    },
    remedy: 'socket.end() must end the socket: connect must not wrap it into something that dials again.',
  },
  {
    name: 'nothing left',
    look: ({ leaks }) =>
      leaks.length === 0
        ? undefined
        : `after stop() there is still: ${list(leaks.map(({ what, count, owner, where }) => `${count} × ${what}${whose(owner, where)}`))}`,
    remedy:
      'What connect begins for a socket, end it when that socket closes (connection.update with close), or begin it once, outside connect.',
  },
]

function whose(owner: Leak['owner'], where: string | undefined): string {
  if (owner === 'connect') return ` (from ${where})`
  return owner === 'other' ? '' : ` (from ${owner})`
}

export async function brokenRules(evidence: Evidence): Promise<readonly Broken[]> {
  const broken: Broken[] = []
  for (const { name, look, remedy } of rules) {
    const found = await look(evidence)
    if (found !== undefined) broken.push({ rule: name, found, remedy })
  }
  return broken
}
