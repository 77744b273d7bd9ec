import { Rig, type RigOptions } from './rig.ts'
import { cause, stranger } from './world.ts'

const minute = 60_000
const lost = (rig: Rig): void => rig.world.close(cause('closed'))
const unpaired = (rig: Rig, scansAfterMs?: number): Promise<Rig> => {
  rig.world.creds = 'absent'
  rig.world.scansAfterMs = scansAfterMs
  return rig.start()
}
const scannedByAnother = (rig: Rig): Promise<Rig> => {
  rig.world.scannedBy = stranger
  return unpaired(rig, 1_000)
}
const at = async (rig: Rig, state: string): Promise<void> => {
  await rig.until(() => rig.state === state, 30 * minute)
}

/** How to get to each place of the statechart, for tests that hold everywhere. */
const ways: Readonly<Record<string, (rig: Rig) => Promise<unknown>>> = {
  'stopped.idle': () => Promise.resolve(),
  'preparing.inspecting': (rig) => {
    rig.world.hangs.prepareAuth = true
    return rig.start()
  },
  'online.connecting': (rig) => rig.start(),
  'online.open.healthy': (rig) => rig.healthy(),
  'online.open.degraded.healing': async (rig) => {
    rig.world.hangs.healAddress = true
    await rig.healthy()
    rig.unreadable(['a.0'], ['1', '2', '3'], 'bad-session', true)
  },
  'online.open.degraded.watching': async (rig) => {
    await rig.healthy()
    rig.unreadable(['a.0'], ['1', '2', '3'], 'bad-session', true)
    await rig.advance(100)
  },
  'online.open.degraded.exhausted': async (rig) => {
    rig.world.contacts.add('a.0').add('b.0').add('c.0').add('d.0').add('e.0')
    for (const address of rig.world.contacts) rig.world.poisoned.add(address)
    rig.world.pruningCures = false
    await rig.healthy()
  },
  'pruningSessions.closing': async (rig) => {
    await rig.healthy()
    rig.send({ type: 'prune', scope: 'all' })
  },
  'pruningSessions.unshut': async (rig) => {
    await rig.healthy()
    rig.world.failing.closeSocket = 1
    rig.send({ type: 'prune', scope: 'all' })
  },
  'pruningSessions.pruning': async (rig) => {
    await rig.healthy()
    rig.world.hangs.pruneSessions = true
    rig.send({ type: 'prune', scope: 'all' })
  },
  'reconnecting.closing': async (rig) => lost(await rig.healthy()),
  'reconnecting.unshut': async (rig) => {
    await rig.healthy()
    rig.world.failing.closeSocket = 1
    lost(rig)
  },
  'reconnecting.waiting': async (rig) => lost(await rig.healthy()),
  'awaitingQr.closing': async (rig) => {
    await rig.healthy()
    rig.send({ type: 'relink' })
  },
  'awaitingQr.pairing.dialling': (rig) => unpaired(rig),
  'awaitingQr.pairing.showing': (rig) => unpaired(rig),
  'awaitingQr.waiting.retrying': (rig) => {
    rig.world.net = false
    return unpaired(rig)
  },
  'awaitingQr.undoing.unlinking': (rig) => {
    rig.world.hangs.unlinkDevice = true
    return scannedByAnother(rig)
  },
  'awaitingQr.undoing.closing': (rig) => scannedByAnother(rig),
  'awaitingQr.undoing.unshut': async (rig) => {
    rig.world.hangs.unlinkDevice = true
    await scannedByAnother(rig)
    await at(rig, 'awaitingQr.undoing.unlinking')
    rig.world.failing.closeSocket = 1
    rig.world.letGo()
  },
  'awaitingQr.undoing.discarding': (rig) => {
    rig.world.hangs.discardPairing = true
    return scannedByAnother(rig)
  },
  'awaitingQr.promoting.closing': (rig) => unpaired(rig, 1_000),
  'awaitingQr.promoting.moving': (rig) => {
    rig.world.hangs.promotePairing = true
    return unpaired(rig, 1_000)
  },
  'awaitingQr.resting': (rig) => unpaired(rig),
  'conflicted.closing': async (rig) => {
    rig.world.otherClientAfterMs = 1_000
    await rig.start()
  },
  'conflicted.waiting': async (rig) => {
    rig.world.otherClientAfterMs = 1_000
    await rig.start()
  },
  'blocked.closing': async (rig) => {
    rig.world.login = cause('banned')
    await rig.start()
  },
  'blocked.holding': async (rig) => {
    rig.world.login = cause('outdated')
    await rig.start()
  },
  'blocked.awaitingPerson': async (rig) => {
    rig.world.login = cause('banned')
    await rig.start()
  },
}

export const places = Object.keys(ways)

/** A rig that stands at this place. */
export async function rigAt(place: string, options?: RigOptions): Promise<Rig> {
  const rig = new Rig(options)
  await ways[place]?.(rig)
  await at(rig, place)
  return rig
}
