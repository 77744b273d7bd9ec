import { type HarmKind, harmSessions } from '../demo/harm.ts'
import { type FakeWhatsApp, type Fault, faults } from '../fake-whatsapp/index.ts'
import type { TorturedGateway } from './gateway.ts'
import { healsWithinMs } from './pace.ts'

interface Stage {
  readonly server: FakeWhatsApp
  readonly gateway: TorturedGateway
}

interface StepRow {
  readonly means: string
  /** It damages sessions or messages, so that setting sessions aside may be right. */
  readonly harms?: true
  readonly play: (stage: Stage) => unknown
}

const live =
  (fault: Fault): StepRow['play'] =>
  ({ server, gateway }) =>
    server.now(fault, gateway.number)

const atLogin =
  (fault: Fault): StepRow['play'] =>
  async ({ server, gateway }) => {
    server.onNextLogin(fault, { account: gateway.number })
    await gateway.line.reconnect()
  }

const atConnect =
  (fault: Fault): StepRow['play'] =>
  async ({ server, gateway }) => {
    server.onNextLogin(fault)
    await gateway.line.reconnect()
  }

const kinds: readonly HarmKind[] = ['foreign', 'empty', 'half-written']

/** What a schedule is made of, by its name. */
export const steps = {
  '503': { means: 'the server says 503', play: live(faults.serviceUnavailable) },
  '515': { means: 'the server asks for a restart', play: live(faults.restartRequired) },
  '440': { means: 'another connection takes the place', play: live(faults.replaced) },
  'stream-end': { means: 'the server ends the stream', play: live({ kind: 'stream-end' }) },
  'broken-xml': { means: 'the server hears broken XML', play: live(faults.xmlNotWellFormed) },
  reset: { means: 'TCP is reset', play: live({ kind: 'reset', at: 'login' }) },
  'half-open': { means: 'the link dies without a word', play: live({ kind: 'half-open' }) },
  '500-at-login': { means: 'the next login fails with 500', play: atLogin(faults.serverError) },
  '405-at-login': { means: 'the next login is told that the client is outdated', play: atLogin(faults.outdated) },
  '402-at-login': { means: 'the next login is told of a ban for an hour', play: atLogin(faults.banned) },
  'reset-at-hello': { means: 'the next handshake is reset', play: atConnect({ kind: 'reset', at: 'hello' }) },
  'close-at-connect': {
    means: 'the next connection closes at once',
    play: atConnect({ kind: 'close', at: 'connect' }),
  },
  garbage: { means: 'the next handshake is answered with garbage', play: atConnect({ kind: 'garbage' }) },
  portal: { means: 'a proxy answers the next upgrade with 401', play: atConnect(faults.portal) },
  unplug: {
    means: 'the network goes, and comes back',
    play: async ({ server, gateway }) => {
      await server.unplug()
      await gateway.until(() => gateway.line.socket === undefined, healsWithinMs)
      await server.plug()
    },
  },
  write: {
    means: 'every friend writes',
    play: async ({ gateway }) => {
      for (const friend of gateway.friends) await gateway.hears(friend)
    },
  },
  damage: {
    means: 'session files are foreign, empty or torn',
    harms: true,
    play: ({ gateway }) =>
      harmSessions(
        gateway.folder,
        gateway.friends.map((contact, at) => ({ contact, harm: kinds[at % kinds.length] ?? 'foreign' })),
      ),
  },
  'lost-track': {
    means: 'a friend writes in a session that the account never had',
    harms: true,
    play: async ({ gateway }) => {
      const [friend] = gateway.friends
      if (!friend) return
      await friend.loseTrack(gateway.number)
      await gateway.hears(friend)
    },
  },
  reconnect: { means: 'a person asks for a reconnect', play: ({ gateway }) => gateway.line.reconnect() },
  prune: { means: 'a person sets all sessions aside', play: ({ gateway }) => gateway.line.prune('all') },
  restart: {
    means: 'the gateway is stopped and started',
    play: async ({ gateway }) => {
      await gateway.line.stop()
      await gateway.line.start()
    },
  },
} as const satisfies Record<string, StepRow>

export type StepName = keyof typeof steps
export const stepNames = Object.keys(steps) as readonly StepName[]
export const isStepName = (name: string): name is StepName => Object.hasOwn(steps, name)

/** One step of a schedule, and whether the account is given the time to heal before it. */
export interface Step {
  readonly name: StepName
  readonly settled: boolean
}

const row = (name: StepName): StepRow => steps[name]
export const harms = (name: StepName): boolean => row(name).harms === true
export const meaning = (name: StepName): string => row(name).means

/** Plays one step. A command that is refused, or a file that is gone by then, is part of the trouble. */
export async function playStep(name: StepName, stage: Stage): Promise<void> {
  try {
    await row(name).play(stage)
  } catch {
    // What counts is what the account makes of it.
  }
}
