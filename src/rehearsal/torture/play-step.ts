import { type HarmKind, harmSessions } from '../demo/harm.ts'
import { type FakeWhatsApp, type Fault, faults } from '../fake-whatsapp/index.ts'
import { healsWithinMs } from './pace.ts'
import type { StepName } from './steps.ts'
import type { Tortured } from './tortured.ts'

interface Stage {
  readonly server: FakeWhatsApp
  readonly gateway: Tortured
  /** Which step of its schedule it is, from 0. */
  readonly at: number
}

type Play = (stage: Stage) => unknown

const live =
  (fault: Fault): Play =>
  ({ server, gateway }) =>
    server.now(fault, gateway.number)

const atLogin =
  (fault: Fault): Play =>
  async ({ server, gateway }) => {
    server.onNextLogin(fault, { account: gateway.number })
    await gateway.reconnect()
  }

const atConnect =
  (fault: Fault): Play =>
  async ({ server, gateway }) => {
    server.onNextLogin(fault)
    await gateway.reconnect()
  }

const kinds: readonly HarmKind[] = ['foreign', 'empty', 'half-written', 'nul-filled']

const plays: Readonly<Record<StepName, Play>> = {
  '503': live(faults.serviceUnavailable),
  '515': live(faults.restartRequired),
  '440': live(faults.replaced),
  'stream-end': live({ kind: 'stream-end' }),
  'broken-xml': live(faults.xmlNotWellFormed),
  reset: live({ kind: 'reset', at: 'login' }),
  'half-open': live({ kind: 'half-open' }),
  '500-at-login': atLogin(faults.serverError),
  '405-at-login': atLogin(faults.outdated),
  '402-at-login': atLogin(faults.banned),
  'reset-at-hello': atConnect({ kind: 'reset', at: 'hello' }),
  'close-at-connect': atConnect({ kind: 'close', at: 'connect' }),
  garbage: atConnect({ kind: 'garbage' }),
  portal: atConnect(faults.portal),
  unplug: async ({ server, gateway }) => {
    await server.unplug()
    await gateway.until(() => gateway.socket === undefined, healsWithinMs)
    await server.plug()
  },
  write: async ({ gateway }) => {
    for (const friend of gateway.friends) await gateway.hears(friend)
  },
  // Each friend's files in another way, and in others again at another place of the schedule.
  damage: ({ gateway, at }) =>
    harmSessions(
      gateway.folder,
      gateway.friends.map((contact, friend) => ({ contact, harm: kinds[(at + friend) % kinds.length] ?? 'foreign' })),
    ),
  'lost-track': async ({ gateway }) => {
    const [friend] = gateway.friends
    if (!friend) return
    await friend.loseTrack(gateway.number)
    await gateway.hears(friend)
  },
  reconnect: ({ gateway }) => gateway.reconnect(),
  prune: ({ gateway }) => gateway.prune(),
  restart: async ({ gateway }) => {
    await gateway.stop()
    await gateway.start()
  },
}

/** Plays one step. A command that is refused, or a file that is gone by then, is part of the trouble. */
export async function playStep(name: StepName, stage: Stage): Promise<void> {
  try {
    await plays[name](stage)
  } catch {
    // What counts is what the account makes of it.
  }
}
