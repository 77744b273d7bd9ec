import { folder } from './account.ts'
import { damaged, damages } from './damage.ts'
import type { GatewayProcess } from './gateway-process.ts'
import { Random } from './random.ts'
import { type Ending, endings, loggedOut, replaced, restartRequired, temporaryBan, transport } from './whatsapp.ts'
import { dayMs, elsewhere, type SimulatedWorld } from './world.ts'

/**
 * One thing that goes wrong, or that a person does. Everything about it follows from its number, so that it stays the
 * same when others are left out.
 */
export interface Fault {
  /** Milliseconds after the world began. */
  readonly at: number
  readonly kind: FaultKind
  readonly number: number
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

type Apply = (world: SimulatedWorld, random: Random) => string

const ends = (world: SimulatedWorld, ending: Ending, times: number): string => {
  for (let more = 1; more < times; more++) world.whatsapp.answers.push(ending)
  const { online } = world.whatsapp
  if (online) online.fail(ending)
  else world.whatsapp.answers.push(ending)
  return `${ending.message} ${ending.code ?? ''} ×${times}`
}

/** Something that holds for a while and then is over. */
const forAWhile = (world: SimulatedWorld, ms: number, over: () => void): string => {
  world.time.later(ms, over)
  return `for ${(ms / second).toFixed(0)} s`
}

const onGateway = (world: SimulatedWorld, what: string, act: (process: GatewayProcess) => unknown): string => {
  const process = world.gateway
  process?.run(() => {
    // A command that is refused is an answer, too.
    void Promise.resolve()
      .then(() => act(process))
      .catch(() => undefined)
  })
  return what
}

/** A second process on the same folder. */
const contend = (world: SimulatedWorld, random: Random, host: string): string => {
  const rival = world.launch(host)
  return forAWhile(world, random.spread(second, 2 * hour), () => {
    rival.wanted = false
    if (random.chance(0.5)) world.kill(rival, 'killed')
    else rival.stop()
  })
}

/** Stored sessions are spoilt, and people write when nobody answers. Answers how many. */
const damageSessions = (
  world: SimulatedWorld,
  random: Random,
  how: (typeof damages)[number],
  share: number,
): number => {
  const hit = world.disk.names(folder).filter((name) => name.startsWith('session-') && random.chance(share))
  for (const name of hit) {
    const content = world.disk.peek(`${folder}/${name}`)
    if (content) world.disk.poke(`${folder}/${name}`, damaged(how, content, world.whatsapp.newId()))
  }
  for (const contact of world.whatsapp.contacts)
    for (let at = 0; at < 6; at++) world.time.later(random.between(0, 40 * minute), () => world.whatsapp.write(contact))
  return hit.length
}

interface Row {
  /** How often, against the others. */
  readonly weight: number
  readonly apply: Apply
}

export const faults = {
  close: { weight: 10, apply: (world, random) => ends(world, random.pick(transport), 1 + random.below(3)) },
  restart: { weight: 3, apply: (world, random) => ends(world, restartRequired, 1 + random.below(8)) },
  conflict: { weight: 4, apply: (world, random) => ends(world, replaced, 1 + random.below(4)) },
  refused: { weight: 1, apply: (world, random) => ends(world, endings.refused, 1 + random.below(3)) },
  unlinked: {
    weight: 1,
    apply: (world, random) => {
      world.whatsapp.unlink(world.identity)
      return ends(world, random.pick<Ending>([endings.removed, loggedOut]), 1)
    },
  },
  ban: {
    weight: 1,
    apply: (world, random) => {
      const seconds = random.spread(30, 20_000)
      world.whatsapp.standing = temporaryBan(seconds)
      ends(world, world.whatsapp.standing, 1)
      return forAWhile(world, seconds * second, () => {
        world.whatsapp.standing = undefined
      })
    },
  },
  account: {
    weight: 1,
    apply: (world, random) =>
      ends(world, random.pick<Ending>([endings.locked, endings.banned, endings.outdated, endings.configuration]), 1),
  },
  network: {
    weight: 8,
    apply: (world, random) => {
      const network = random.pick(['gone', 'silent', 'portal', 'garbage', 'clock'] as const)
      world.whatsapp.network = network
      if (random.chance(0.7)) world.whatsapp.online?.fail(random.pick<Ending>([endings.reset, endings.lost]))
      else if (world.whatsapp.online) world.whatsapp.online.deaf = true
      return `${network} ${forAWhile(world, random.spread(second, 3 * hour), () => {
        world.whatsapp.network = 'well'
      })}`
    },
  },
  deaf: {
    weight: 4,
    apply: (world) => {
      if (world.whatsapp.online) world.whatsapp.online.deaf = true
      return 'the link went deaf'
    },
  },
  flood: {
    weight: 2,
    apply: (world, random) => {
      const count = random.spread(5, 200)
      for (let at = 0; at < count; at++)
        world.time.later(random.between(0, minute), () => world.whatsapp.write(random.pick(world.whatsapp.contacts)))
      return `${count} messages`
    },
  },
  sessions: {
    weight: 6,
    apply: (world, random) => {
      const how = random.pick(damages)
      return `${damageSessions(world, random, how, 0.6)} ${how}`
    },
  },
  relapse: {
    weight: 2,
    apply: (world, random) => {
      for (const contact of world.whatsapp.contacts) contact.helpful = false
      const hit = damageSessions(world, random, 'foreign', 1)
      // What was set aside comes back, by a backup or by hand, once the process that set it aside is gone: its budget
      // has to be remembered by the next.
      const times = 1 + random.below(3)
      let at = 0
      for (let time = 0; time < times; time++) {
        at += random.between(15 * minute, 50 * minute)
        world.time.later(at, () => {
          const process = world.gateway
          if (process) world.kill(process, 'killed')
          damageSessions(world, random, 'foreign', 1)
        })
      }
      return `${hit} foreign, and again after each of ${times} restarts, ${forAWhile(world, at + hour, () => {
        for (const contact of world.whatsapp.contacts) contact.helpful = true
      })}`
    },
  },
  unhelpful: {
    weight: 3,
    apply: (world, random) => {
      const silent = world.whatsapp.contacts.filter(() => random.chance(0.6))
      for (const contact of silent) contact.helpful = false
      return `${silent.length} contacts do not send again ${forAWhile(world, random.spread(minute, dayMs), () => {
        for (const contact of silent) contact.helpful = true
      })}`
    },
  },
  credentials: {
    weight: 2,
    apply: (world, random) => {
      const path = `${folder}/creds.json`
      const content = world.disk.peek(path)
      const how = random.pick(['torn', 'empty', 'zeroed', 'gone'] as const)
      if (content) world.disk.poke(path, damaged(how, content, world.whatsapp.newId()))
      return how
    },
  },
  disk: {
    weight: 4,
    apply: (world, random) => {
      const errno = random.pick(['ENOSPC', 'EIO', 'EROFS', 'EACCES'] as const)
      const share = random.pick([0.2, 1, 1])
      world.setTrouble({ errno, share, readsToo: errno === 'EIO' || errno === 'EACCES' })
      return `${errno} ${share} ${forAWhile(world, random.spread(second, 30 * minute), () => {
        world.setTrouble({ errno: undefined })
      })}`
    },
  },
  slow: {
    weight: 2,
    apply: (world, random) => {
      world.setTrouble({ slowMs: random.spread(5, 8_000) })
      return forAWhile(world, random.spread(second, 5 * minute), () => world.setTrouble({ slowMs: 0 }))
    },
  },
  sleep: {
    weight: 3,
    apply: (world, random) => {
      const ms = random.spread(10 * second, 10 * hour)
      world.setClock(ms)
      world.sleptMs += ms
      // The server has long given the link up.
      const { online } = world.whatsapp
      if (online) {
        online.deaf = true
        world.whatsapp.leave(online)
      }
      return 'the host slept'
    },
  },
  clock: {
    weight: 3,
    apply: (world, random) => {
      const ms = random.spread(second, 30 * dayMs) * (random.chance(0.6) ? -1 : 1)
      world.setClock(ms)
      return `by ${(ms / second).toFixed(0)} s`
    },
  },
  crash: {
    weight: 6,
    apply: (world, random) => {
      const how = random.pick(['killed', 'cut', 'cut'] as const)
      const process = world.gateway
      if (!process) return 'nobody to kill'
      if (random.chance(0.3)) world.kill(process, how)
      else {
        process.gate.dies = () => world.kill(process, how)
        process.gate.callsLeft = random.spread(1, 300)
        // Something has to go on, or it dies of nothing.
        if (random.chance(0.8)) world.whatsapp.online?.fail(random.pick(transport))
      }
      return how
    },
  },
  rival: { weight: 2, apply: (world, random) => contend(world, random, 'gateway') },
  rivalElsewhere: { weight: 0.3, apply: (world, random) => contend(world, random, elsewhere) },
  copy: {
    weight: 2,
    apply: (world, random) => {
      const until = world.time.now + random.spread(minute, 6 * hour)
      const every = random.spread(second, 20 * minute)
      const again = () => {
        world.whatsapp.online?.fail(replaced)
        if (world.time.now < until) world.time.later(every, again)
      }
      again()
      return `another client with the same credentials, every ${(every / second).toFixed(0)} s`
    },
  },
  reconnect: { weight: 2, apply: (world) => onGateway(world, 'asked', ({ line }) => line.reconnect()) },
  prune: {
    weight: 2,
    apply: (world, random) => {
      world.rules.pruneAskedAt = world.time.now
      const scope = random.pick(['failing', 'all'] as const)
      return onGateway(world, scope, ({ line }) => line.prune(scope))
    },
  },
  relink: {
    weight: 0.5,
    apply: (world) => {
      world.rules.signs.asked = true
      return onGateway(world, 'asked', ({ line }) => line.relink())
    },
  },
  pairingCode: {
    weight: 0.5,
    apply: (world) => {
      world.rules.signs.asked = true
      return onGateway(world, 'asked', ({ line }) => line.requestPairingCode('491700000000'))
    },
  },
  stop: {
    weight: 3,
    apply: (world, random) => {
      const pause = random.pick([0, 0, second, minute, hour])
      const process = world.gateway
      process?.stop(() => {
        if (pause === 0) process.start()
        else world.time.later(pause, () => process.alive && process.start())
      })
      return `and started after ${pause / second} s`
    },
  },
  restartInHaste: {
    weight: 1,
    apply: (world) => {
      const process = world.gateway
      process?.stop()
      process?.start()
      return 'stop() and start() at once'
    },
  },
  throwing: {
    weight: 2,
    apply: (world, random) => {
      const process = world.gateway
      if (process) process.throwing = true
      return forAWhile(world, random.spread(second, hour), () => {
        if (process) process.throwing = false
      })
    },
  },
  absent: {
    weight: 1,
    apply: (world, random) => {
      world.attended = false
      return forAWhile(world, random.spread(minute, dayMs), () => {
        world.attended = true
      })
    },
  },
} as const satisfies Record<string, Row>

export type FaultKind = keyof typeof faults

export const faultKinds = Object.keys(faults) as FaultKind[]

/** Does it, and says what it was. */
export function strike(world: SimulatedWorld, { kind, number }: Fault): string {
  const what = faults[kind].apply(world, new Random(number))
  world.note(0, `fault ${kind}: ${what}`)
  return what
}
