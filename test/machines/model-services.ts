import { fromCallback, fromPromise } from 'xstate'
import {
  type AuthProblem,
  type CloseCause,
  type HealInput,
  noEvidence,
  type OpenInput,
  type PairReason,
  type Prepared,
  type PrepareInput,
  type Pruned,
  type PruneInput,
  pruned,
  type Reach,
  type SocketEvent,
  type WatchEvent,
} from '../../machines/index.ts'
import { cause, type ModelSocket, type ModelWorld, stranger } from './world.ts'

/** A rejection that carries what the machine can tell apart. */
const problem = (kind: AuthProblem['kind']): Error & { problem: AuthProblem } =>
  Object.assign(new Error(`${kind} in the model`), { problem: { kind, message: `${kind} in the model` } })

function dial(world: ModelWorld, socket: ModelSocket): void {
  const { generation } = socket
  const event = (event: SocketEvent): void => {
    if (socket.attached && !socket.fenced) socket.send(event)
  }
  const close = (why: CloseCause): void => {
    if (socket.auth === 'account' && !socket.open && socket.attached) world.lastLogin = why.kind
    socket.open = false
    event({ type: 'socket.close', generation, cause: why })
  }
  const open = (): void => {
    if (!socket.attached) return
    socket.open = true
    if (socket.auth === 'account') world.lastLogin = 'open'
    event({ type: 'socket.open', generation, self: { id: socket.auth === 'staging' ? world.stagedBy : 'self@model' } })
    if (socket.auth === 'account') world.onOpen(socket)
    if (world.otherClientAfterMs !== undefined)
      world.later(world.otherClientAfterMs, () => close(cause('replaced', { code: 440 })))
  }
  if (!world.net) close(cause('network', { detail: 'ENOTFOUND' }))
  else if (socket.auth === 'account') {
    if (world.creds !== 'good') event({ type: 'auth.failed', generation, problem: { kind: 'creds', message: 'gone' } })
    else if (world.login === undefined) open()
    else if (world.login !== 'silent') close(world.login)
  } else if (world.staging === 'scanned') {
    if (world.scannedLogin) close(world.scannedLogin)
    else open()
  } else if (world.pairLogin) close(world.pairLogin)
  else pair(world, socket, event, close)
}

/** A QR window as Baileys has it: five codes of 20 s, the first of 60 s, then its end; a scan leads to 515. */
function pair(
  world: ModelWorld,
  socket: ModelSocket,
  event: (event: SocketEvent) => void,
  close: (why: CloseCause) => void,
): void {
  const { generation } = socket
  let over = false
  const show = (number: number): void => {
    if (!socket.attached || over) return
    if (number === 6) {
      close(cause('qr-window-over', { code: 408 }))
      return
    }
    const lasts = number === 1 ? 60_000 : 20_000
    const code = `code-${generation}-${number}`
    world.codes.push({ at: world.clock.now(), code, creds: world.creds })
    event({ type: 'socket.qr', generation, code, expiresAt: world.clock.wall() + lasts })
    world.later(lasts, () => show(number + 1))
  }
  if (socket.phone !== undefined) event({ type: 'socket.pairingCode', generation, code: 'ABCD1234' })
  show(1)
  if (world.scansAfterMs === undefined) return
  world.later(world.scansAfterMs, () => {
    if (!socket.attached || over) return
    over = true
    world.staging = 'scanned'
    world.stagedBy = world.scannedBy
    event({ type: 'socket.paired', generation })
    world.later(300, () => close(cause('restart-required', { code: 515 })))
  })
}

/**
 * The services of the machine, acting on the model world that belongs to the actor's system: laid into a machine once,
 * since that costs more than a run.
 */
export function modelServices(worldOf: (system: object) => ModelWorld) {
  return {
    prepareAuth: fromPromise<Prepared, PrepareInput>(async ({ input, system }) => {
      const world = worldOf(system)
      world.prepareCalls.push(input)
      world.touches('prepareAuth')
      if (world.hangs.prepareAuth) await world.hang()
      if (world.fails('prepareAuth')) throw new Error('failed in the model')
      if (!world.owner) throw problem('not-owner')
      if (world.disk === 'full') throw problem('disk')
      if (world.staging === 'scanned') return { link: 'staged', reason: 'asked' }
      if (world.creds === 'unreadable') {
        world.creds = 'good'
        world.credsChanges.push('restore')
        return { link: 'linked', reason: 'never-linked' }
      }
      if (world.creds === 'good') return { link: 'linked', reason: 'never-linked' }
      return { link: 'unlinked', reason: world.creds === 'lost' ? 'creds-lost' : 'never-linked' }
    }),
    openSocket: fromCallback<SocketEvent, OpenInput, SocketEvent>(({ input, sendBack, system }) => {
      const world = worldOf(system)
      if (world.unfenced.length > 0)
        world.fail(`socket ${input.generation} opened beside ${world.unfenced[0]?.generation}`)
      if (world.fails('openSocket')) throw new Error('connect threw')
      const socket: ModelSocket = {
        ...input,
        phone: input.phone,
        attached: true,
        open: false,
        fenced: false,
        send: sendBack,
      }
      world.sockets.push(socket)
      world.opened.push({ at: world.clock.now(), ...input })
      world.later(200, () => dial(world, socket))
      return () => {
        socket.attached = false
      }
    }),
    closeSocket: fromPromise<void, { readonly deadlineMs: number }>(async ({ input, system }) => {
      const world = worldOf(system)
      if (world.fails('closeSocket')) throw new Error('the fence did not shut')
      const open = world.unfenced
      if (open.length === 0) return
      await new Promise<void>((resolve) => world.later(Math.min(world.closeMs, input.deadlineMs), resolve))
      for (const socket of open) socket.fenced = true
    }),
    pruneSessions: fromPromise<Pruned, PruneInput>(({ input, system }) => prune(worldOf(system), input)),
    healAddress: fromPromise<void, HealInput>(async ({ input, system }) => {
      const world = worldOf(system)
      if (input.addresses.length > 0) world.heals.push(input.addresses)
      if (input.unheard.length > 0) world.renewals.push(input.unheard)
      if (world.hangs.healAddress) await world.hang()
      if (world.fails('healAddress')) throw new Error('failed in the model')
      if (!world.liveCureWorks) return
      for (const address of input.addresses) world.poisoned.delete(address)
      for (const address of input.unheard) world.cannotRead.delete(address)
    }),
    probe: fromCallback<SocketEvent, { readonly generation: number }, SocketEvent>(({ system }) => {
      if (worldOf(system).fails('probe')) throw new Error('the probe threw')
      return () => undefined
    }),
    // Tests send what it would tell; the real one has tests of its own.
    watchNetwork: fromCallback<WatchEvent, { readonly reach: Reach }, WatchEvent>(() => undefined),
    stagePairing: fromPromise<void, { readonly resume: boolean }>(async ({ input, system }) => {
      const world = worldOf(system)
      if (!world.owner) throw problem('not-owner')
      if (world.disk === 'full') throw problem('disk')
      if (!input.resume) world.staging = 'fresh'
    }),
    unlinkDevice: fromPromise<void, { readonly generation: number }>(async ({ input, system }) => {
      const world = worldOf(system)
      if (world.hangs.unlinkDevice) await world.hang()
      const socket = world.sockets.find(({ generation }) => generation === input.generation)
      if (!socket?.open || socket.fenced) world.fail('logged a device out over no open socket')
      if (world.fails('unlinkDevice')) throw new Error('the logout was not answered')
      world.unlinked.push(world.stagedBy)
    }),
    discardPairing: fromPromise<void, { readonly reason: string }>(async ({ system }) => {
      const world = worldOf(system)
      world.touches('discardPairing')
      if (world.hangs.discardPairing) await world.hang()
      if (!world.owner) throw problem('not-owner')
      if (world.disk === 'full') throw problem('disk')
      world.staging = 'none'
      world.discarded += 1
    }),
    promotePairing: fromPromise<{ readonly quarantine?: string }, { readonly reason: PairReason }>(
      async ({ system }) => {
        const world = worldOf(system)
        world.touches('promotePairing')
        if (world.hangs.promotePairing) await world.hang()
        if (world.disk === 'full') throw problem('disk')
        if (world.staging !== 'scanned') world.fail('promoted what was not scanned')
        if (world.stagedBy === stranger) world.fail('promoted the pairing of another number')
        world.staging = 'none'
        world.creds = 'good'
        world.login = undefined
        world.credsChanges.push('promote')
        world.poisoned.clear()
        world.evidence = noEvidence
        world.onEvidence()
        return { quarantine: 'q1' }
      },
    ),
  }
}

async function prune(world: ModelWorld, input: PruneInput): Promise<Pruned> {
  const { scope, addresses, facts } = input
  world.pruneCalls.push(input)
  if (world.hangs.pruneSessions) await world.hang()
  world.touches('pruneSessions')
  // The facts come first: a crash in between costs a prune.
  world.facts = facts
  if (world.fails('pruneSessions')) throw new Error('failed in the model')
  if (!world.owner) throw problem('not-owner')
  if (world.disk === 'full') throw problem('disk')
  const gone = scope === 'all' ? [...world.poisoned] : addresses
  world.prunes.push({ at: world.clock.wall(), scope, addresses: gone })
  if (world.pruningCures) for (const address of gone) world.poisoned.delete(address)
  world.evidence = pruned(world.evidence, scope === 'all' ? 'all' : addresses, world.clock.wall() + 15_000)
  world.onEvidence()
  return { addresses: gone, quarantine: 'q1' }
}
