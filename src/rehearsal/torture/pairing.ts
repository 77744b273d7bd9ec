import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import type { Broken } from './rules.ts'
import type { Tortured } from './tortured.ts'

interface Seen {
  readonly gateway: Tortured
  readonly server: FakeWhatsApp
  readonly afterMs: number
}

interface Diagnosis {
  readonly holds: (seen: Seen) => boolean
  readonly found: (seen: Seen) => string
  readonly remedy: string
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`

/** Why an account never came up, the likeliest cause first. */
const diagnoses: readonly Diagnosis[] = [
  {
    holds: ({ gateway }) => gateway.astray.size > 0,
    found: ({ gateway }) => `connect made a socket to ${[...gateway.astray].join(', ')} in place of the fake server`,
    remedy:
      'Leave waWebSocketUrl out, or spread what connect is given: makeWASocket({ …, ...clientOptions, auth, logger, ...caches }).',
  },
  {
    holds: ({ gateway }) => gateway.pending > 0,
    found: ({ gateway, afterMs }) =>
      `connect did not return: ${gateway.pending} of ${gateway.calls} calls were still pending after ${seconds(afterMs)}`,
    remedy: 'connect must return the socket as soon as it is made, and wait for nothing that may never come.',
  },
  {
    holds: ({ gateway }) => gateway.refusals.size > 0,
    found: ({ gateway }) => `connect gave no socket: ${[...gateway.refusals].join('; ')}`,
    remedy: 'connect must return what makeWASocket() gives.',
  },
  {
    holds: ({ server, gateway }) =>
      server.events.some(({ kind, account }) => kind === 'paired' && account === gateway.number),
    found: () => 'the phone linked the account, and afterwards it asked for a code again: creds.update was not heard',
    remedy:
      'The supervisor saves the credentials on creds.update: connect must not take its listeners or events off the socket.',
  },
]

const otherwise: Omit<Diagnosis, 'holds'> = {
  found: ({ gateway, afterMs }) =>
    `it was not linked and healthy after ${seconds(afterMs)}, but ${gateway.state}: ${gateway.message}`,
  remedy: 'connect must pass the auth that it is given to makeWASocket.',
}

/** The account could not be linked at all: what is to be told of it. */
export function whyNotPaired(seen: Seen): Broken {
  const { found, remedy } = diagnoses.find(({ holds }) => holds(seen)) ?? otherwise
  return { rule: 'links', found: found(seen), remedy }
}
