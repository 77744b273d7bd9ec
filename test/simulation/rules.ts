import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import type { Lifeline, Policy, StateName, Status } from '../../src/index.ts'
import type { Selection } from '../../src/stores/store.ts'
import { folder, secretMark } from './account.ts'
import type { Disk, NameChange } from './disk.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Ending, WhatsApp } from './whatsapp.ts'

/** What the library promises, as far as it can be seen from outside while it runs. */
export const promises = {
  'one socket': 'At most one live socket for an account',
  credentials: 'creds.json changes only by saves, restores and completed pairings',
  fence: 'A socket that is over writes nothing once the library has moved on',
  'nothing deleted': 'What leaves the folder lies in the quarantine',
  budget: 'Pruning stays within its budget, across restarts too',
  'needless prune': 'No session is set aside without unread messages, a run of 515 or a person',
  'needless code': 'No code is shown while the credentials may be good',
  'true reasons': 'A state that names trouble of the disk, or another owner, does so while there is some',
  'clean stop': 'stop() ends within 5 s and leaves no timer, socket or lock',
  secrets: 'No secret in a log, a notice or a status',
  'no throw': 'Nothing escapes: no exception, no unhandled rejection',
  alive: 'Once faults stop, healthy is reached within the bound of the policy',
} as const

export type Promised = keyof typeof promises

const quarantine = `${folder}/.lifeline/quarantine/`
const generations = `${folder}/.lifeline/creds`
const staging = `${folder}/.lifeline/staging/`
const dayMs = 86_400_000
const hourMs = 3_600_000
const minuteMs = 60_000

/** What speaks against the present credentials, in truth. */
export interface Signs {
  loggedOut: boolean
  refused: number
  /** 515 since the last open. */
  restarts: number
  asked: boolean
  unlinked: boolean
  /** The server said that a person has to look: 403, 406. */
  person: boolean
}

export const noSigns = (): Signs => ({
  loggedOut: false,
  refused: 0,
  restarts: 0,
  asked: false,
  unlinked: false,
  person: false,
})

/** A process, as far as it is watched. */
interface WatchedProcess {
  readonly pid: number
  readonly alive: boolean
  readonly wanted: boolean
  readonly timers: number
  readonly state: StateName
  readonly sockets: readonly { readonly over: boolean; readonly deaf: boolean }[]
  readonly line: Pick<Lifeline, 'actor' | 'status'>
}

/** The world, as far as it is watched. */
interface WatchedWorld {
  readonly time: VirtualTime
  readonly disk: Disk
  readonly whatsapp: WhatsApp
  readonly policy: Policy
  readonly processes: readonly WatchedProcess[]
  readonly tally: { opens: number; closes: number; prunes: number; pairings: number }
  identity: number
  lastKillAt: number
  note(pid: number, what: string): void
  inState(state: StateName): void
  diskWellFor(ms: number): boolean
}

/** Watches one world and notes the first promise that is broken. */
export class Rules {
  readonly signs: Signs = noSigns()
  /** When a person last asked for a prune, by true time. */
  pruneAskedAt = Number.NEGATIVE_INFINITY
  checked = 0
  failure: { readonly promise: Promised; readonly what: string; readonly at: number } | undefined
  /** How far the wall clock was set forward in all: so much sooner a budget may renew itself. */
  forwardMs = 0
  readonly #world: WatchedWorld
  readonly #all: number[] = []
  readonly #addresses = new Map<string, number[]>()

  constructor(world: WatchedWorld) {
    this.#world = world
  }

  broken(promise: Promised, what: string): void {
    this.failure ??= { promise, what, at: this.#world.time.now }
  }

  /** Anything that owners are told. */
  heard(where: string, what: string | undefined, fields: unknown): void {
    // The end of a quarantine entry's name is the one thing that the seed does not give.
    this.#world.note(0, `${where} ${what ?? ''}`.replace(/Z-[0-9a-f]{6}/, 'Z'))
    this.checked++
    const text = JSON.stringify(fields) ?? ''
    if (text.includes(secretMark) || /code-\d+-\d/.test(text)) this.broken('secrets', `${where}: ${what ?? ''}`)
  }

  dials(process: WatchedProcess, creds: AuthenticationCreds): void {
    const world = this.#world
    this.checked++
    for (const other of world.processes)
      for (const socket of other.sockets)
        if (other.alive && !socket.over && (other === process || !socket.deaf))
          this.broken('one socket', `process ${process.pid} dials while a socket of ${other.pid} is live`)
    if (!creds.account) return
    const ids = world.disk.names(folder).flatMap((name) => {
      const id = /^pre-key-(\d+)\.json$/.exec(name)?.[1]
      return id === undefined ? [] : [Number(id)]
    })
    const highest = Math.max(0, ...ids)
    // A staged identity has its own folder and numbers.
    if (creds.registrationId === world.identity && creds.nextPreKeyId <= highest)
      this.broken('credentials', `nextPreKeyId ${creds.nextPreKeyId} would be issued again over pre-key ${highest}`)
  }

  closed(process: WatchedProcess, ending: Ending): void {
    const { signs } = this
    this.#world.note(process.pid, `close ${ending.message} ${ending.code ?? ''}`)
    this.#world.tally.closes++
    const isFailure = ending.message === 'Connection Failure'
    const isUnlinking =
      ending.code === 401 && (isFailure || JSON.stringify(ending.data ?? '').includes('device_removed'))
    if (isUnlinking || ending.code === 516) signs.refused++
    // One alone may speak of another device.
    if (signs.refused >= 2) signs.loggedOut = true
    if (ending.code === 515) signs.restarts++
    if (isFailure && (ending.code === 403 || ending.code === 406)) signs.person = true
  }

  opened(process: WatchedProcess): void {
    this.#world.note(process.pid, 'open')
    this.#world.tally.opens++
    const { signs } = this
    signs.refused = 0
    signs.restarts = 0
    signs.person = false
    signs.asked = false
  }

  status(process: WatchedProcess, status: Status): void {
    const world = this.#world
    world.inState(status.state)
    world.note(process.pid, `status ${status.state} ${status.userAction} ${status.attempt}`)
    const { qr: _, ...shown } = status
    this.heard('status', status.state, shown)
    if (status.state === 'awaitingQr') this.#codeIsDue(process)
    if (status.state === 'blocked') this.#holdIsDue(process)
  }

  setsAside(selection: Selection, reason: string): void {
    const world = this.#world
    world.note(0, `set aside ${selection.kind} ${reason}`)
    this.checked++
    if (selection.kind !== 'sessions' && selection.kind !== 'all-sessions') return
    world.tally.prunes++
    const { now, wall } = world.time
    const { lastFailed } = world.whatsapp
    // The library has the wall clock only: what could not be read is recent by either.
    const unread = now - lastFailed.at < hourMs || wall - lastFailed.wall < hourMs
    const due = unread || this.signs.restarts >= 3 || now - this.pruneAskedAt < hourMs
    if (!due) this.broken('needless prune', `${selection.kind}: ${reason}`)
    const at = now + this.forwardMs
    const { prune } = world.policy
    const lately = (times: readonly number[], spanMs: number) => times.filter((time) => at - time < spanMs).length
    if (selection.kind === 'all-sessions') {
      if (lately(this.#all, dayMs) >= prune.allPerDay) this.broken('budget', 'all sessions more than once a day')
      this.#all.push(at)
      return
    }
    for (const address of selection.addresses) {
      const times = this.#addresses.get(address) ?? []
      if (lately(times, dayMs) >= prune.addressPerDay || lately(times, prune.addressCooldownMs) > 0)
        this.broken('budget', `the session of ${address} too often`)
      this.#addresses.set(address, [...times.slice(-5), at])
    }
  }

  /** A name on the disk is about to change. */
  changes({ op, from, to }: NameChange): void {
    this.checked++
    const creds = `${folder}/creds.json`
    if (to === creds) this.#credsBecome(from)
    else if (from === creds && (op === 'unlink' || !to?.startsWith(quarantine)))
      this.broken('credentials', `creds.json went away by ${op}`)
    if (op !== 'unlink') return
    if (from.startsWith(quarantine)) this.#leavesQuarantine(from)
    else if (from.startsWith(`${folder}/session-`) && !this.#isAside(from.slice(folder.length + 1)))
      this.broken('nothing deleted', `${from} was removed and is not in the quarantine`)
  }

  stopped(process: WatchedProcess, tookMs: number): void {
    const world = this.#world
    this.checked++
    world.note(process.pid, 'stopped')
    world.lastKillAt = world.time.now
    if (!process.alive) return
    if (tookMs > 5_000) this.broken('clean stop', `stop() took ${tookMs} ms`)
    this.#nothingLeft(process)
    if (process.sockets.some((socket) => !socket.over)) this.broken('clean stop', 'a socket is left after stop()')
    const claims = world.disk.names(`${folder}/.lifeline/lock`).filter((name) => name.startsWith('claim-'))
    const own = claims.some((name) =>
      world.disk.peek(`${folder}/.lifeline/lock/${name}`)?.includes(`"pid":${process.pid},`),
    )
    if (own && world.diskWellFor(10_000)) this.broken('clean stop', 'the lock is left after stop()')
  }

  #nothingLeft(process: WatchedProcess): void {
    const { state, alive, wanted, timers } = process
    // Unless it was started again meanwhile.
    if (state !== 'stopped' || !alive || wanted || timers === 0) return
    // The lock and its heartbeat stay while a slow disk has not answered what was asked of it before.
    if (this.#world.diskWellFor(minuteMs)) this.broken('clean stop', `${timers} timers are left after stop()`)
    else this.#world.time.later(minuteMs, () => this.#nothingLeft(process))
  }

  #credsBecome(from: string): void {
    const world = this.#world
    const bytes = world.disk.peek(from)?.toString('utf8') ?? ''
    const identity = Number(/"registrationId":(\d+)/.exec(bytes)?.[1])
    if (identity === world.identity) return
    const promoted = from.startsWith(staging) && world.whatsapp.devices.has(identity)
    if (!promoted) {
      this.broken('credentials', `creds.json became identity ${identity}, was ${world.identity}`)
      return
    }
    world.identity = identity
    Object.assign(this.signs, noSigns())
    world.tally.pairings++
  }

  /** Copies and moves into the quarantine stay there for as long as the policy says. */
  #leavesQuarantine(path: string): void {
    const [id = '', name = ''] = path.slice(quarantine.length).split('/')
    if (name === 'manifest.json' || name.endsWith('-tmp')) return
    if (name === 'creds.json') this.broken('nothing deleted', 'credentials were removed from the quarantine')
    const manifest = this.#world.disk.peek(`${quarantine}${id}/manifest.json`)?.toString('utf8') ?? '{}'
    const at = Number(/"at": (\d+)/.exec(manifest)?.[1] ?? 0)
    const { keepDays } = this.#world.policy.quarantine
    if (this.#world.time.wall - at < keepDays * dayMs)
      this.broken('nothing deleted', `${name} was removed from the quarantine before its time`)
  }

  #isAside(name: string): boolean {
    const { disk } = this.#world
    return disk.names(quarantine.slice(0, -1)).some((id) => disk.names(quarantine + id).includes(name))
  }

  #codeIsDue(process: WatchedProcess): void {
    const context = process.line.actor?.getSnapshot().context
    if (!context) return
    const { signs } = this
    this.checked++
    const { reason, resume } = context.pair
    const due: Readonly<Record<typeof reason, () => boolean>> = {
      'never-linked': () => signs.unlinked || resume,
      'logged-out': () => signs.loggedOut,
      refused: () => signs.refused >= 2,
      'restart-loop': () => signs.restarts >= 6,
      'creds-lost': () => !this.#hasGoodGeneration(),
      // After a restart a scanned pairing that fails is all that is known of why a code was shown.
      asked: () => signs.asked || resume || signs.loggedOut || signs.refused >= 2 || signs.restarts >= 6,
    }
    if (!due[reason]()) this.broken('needless code', `a code is shown as ${reason}: ${JSON.stringify(signs)}`)
  }

  #holdIsDue(process: WatchedProcess): void {
    const world = this.#world
    const reason = process.line.actor?.getSnapshot().context.block?.reason
    this.checked++
    if (reason === 'disk' && world.diskWellFor(2 * minuteMs))
      this.broken('true reasons', `blocked for the disk, which is well: ${process.line.status.message}`)
    const alone = !world.processes.some((other) => other !== process && other.alive)
    if (reason === 'not-owner' && alone && world.time.now - world.lastKillAt > 5 * minuteMs)
      this.broken('true reasons', 'blocked for another owner, and there is none')
  }

  #hasGoodGeneration(): boolean {
    const { disk, identity } = this.#world
    return disk.names(generations).some((name) => {
      try {
        return JSON.parse(disk.peek(`${generations}/${name}`)?.toString('utf8') ?? '').registrationId === identity
      } catch {
        return false
      }
    })
  }
}

/** States in which a person's action is named, and whether its reason really holds. */
export function personIsNeeded(state: StateName, reason: string | undefined, signs: Signs): boolean {
  if (state === 'awaitingQr')
    return (
      signs.loggedOut ||
      signs.unlinked ||
      signs.asked ||
      reason === 'creds-lost' ||
      reason === 'refused' ||
      reason === 'restart-loop'
    )
  return state === 'blocked' && (reason === 'locked' || reason === 'banned')
}
