import type { Policy } from '../../machines/index.ts'
import { guardProcess } from '../../src/baileys/process-guard.ts'
import type { ConnectOptions, StateName, Status } from '../../src/index.ts'
import { createLifelineWith } from '../../src/line/create-lifeline.ts'
import type { Lifeline } from '../../src/line/lifeline.ts'
import type { BaileysParts } from '../../src/stores/codec.ts'
import { fileAuthStore } from '../../src/stores/folder/file-store.ts'
import { nodeDelays } from '../../src/stores/folder/journal/delays.ts'
import type { ProcessIdentity } from '../../src/stores/process-identity.ts'
import type { AuthStore } from '../../src/stores/store.ts'
import { folder } from './account.ts'
import type { Disk } from './disk.ts'
import { DiskGate, type DiskTrouble } from './disk-gate.ts'
import type { Random } from './random.ts'
import type { Rules } from './rules.ts'
import { SimSocket } from './socket.ts'
import type { Owner, VirtualTime } from './virtual-time.ts'
import type { WhatsApp } from './whatsapp.ts'

/** Nothing reads a heartbeat while nobody on another host contends, so it comes rarely then. */
export const rareBeatMs = 3_600_000

/** The world that a process runs in. */
interface ProcessWorld {
  readonly time: VirtualTime
  readonly random: Random
  readonly disk: Disk
  readonly trouble: DiskTrouble
  readonly whatsapp: WhatsApp
  readonly baileys: BaileysParts
  readonly policy: Policy
  readonly line: 'v6' | 'v7'
  readonly rules: Rules
  readonly journalStepBytes: number
  readonly tally: { restores: number }
  readonly boots: number
  nextPid(): number
  lives(pid: number): boolean
  isContended(): boolean
  note(pid: number, what: string): void
  kill(process: GatewayProcess, how: 'killed'): void
  /** Someone with the phone sees a code. */
  person(socket: SimSocket, code: string): void
}

/**
 * A gateway's process with the real library in it. It may be killed at any moment, and then nothing of it is left but
 * the disk.
 */
export class GatewayProcess implements Owner {
  alive = true
  timers = 0
  readonly pid: number
  readonly host: string
  readonly gate: DiskGate
  readonly line: Lifeline<SimSocket>
  readonly sockets: SimSocket[] = []
  /** Grows whenever the library moves on: a new socket, or files that move. */
  epoch = 0
  /** Whether somebody wants it to run. */
  wanted = true
  busy = false
  throwing = false
  readonly #world: ProcessWorld
  readonly #guards: (() => void)[] = []
  readonly #boot: number

  constructor(world: ProcessWorld, host: string) {
    this.#world = world
    this.pid = world.nextPid()
    this.host = host
    this.#boot = world.boots
    this.gate = new DiskGate(world.disk, world.time, this, world.trouble, world.random, () =>
      world.kill(this, 'killed'),
    )
    const told = (method: string) => (fields: unknown, message?: string) =>
      world.rules.heard(`log ${method}`, typeof fields === 'string' ? fields : message, fields)
    this.line = createLifelineWith<SimSocket>(
      {
        auth: this.#store(),
        connect: (options) => this.#connect(options),
        policy: world.policy,
        logger: {
          level: 'info',
          trace: told('trace'),
          debug: told('debug'),
          info: told('info'),
          warn: told('warn'),
          error: told('error'),
        },
      },
      {
        guard: (onStray) => {
          const off = guardProcess(onStray)
          this.#guards.push(off)
          return off
        },
      },
    )
    this.line.on('status', (status) => this.#status(status))
    this.line.on('notice', (notice) => {
      if (!this.alive) return
      world.rules.heard('notice', notice.kind, notice)
      world.note(this.pid, `notice ${notice.kind}`)
      if (this.throwing) throw new Error('a notifier that throws')
    })
  }

  get state(): StateName {
    return this.line.status.state
  }

  /** Runs something as this process, at once but not within what runs now. */
  run(step: () => void): void {
    this.#world.time.after(0, step, this)
  }

  start(): void {
    this.wanted = true
    this.run(() => {
      if (this.busy) return
      this.busy = true
      this.line.start().then(
        () => {
          this.busy = false
        },
        (error: unknown) => {
          this.busy = false
          this.#world.note(this.pid, `start failed: ${error instanceof Error && 'code' in error ? error.code : error}`)
          // As every process supervisor does it.
          if (this.wanted) this.#world.time.after(10_000, () => this.wanted && this.start(), this)
        },
      )
    })
  }

  /** Stops the line, and checks what is left of it. */
  stop(then: () => void = () => undefined): void {
    this.wanted = false
    this.run(() => {
      const { time, rules } = this.#world
      const from = time.now
      void this.line.stop().then(() => {
        rules.stopped(this, time.now - from)
        then()
      })
    })
  }

  /** Lets go of what the dead process held in this one. */
  bury(): void {
    this.#world.time.bury(this)
    for (const socket of this.sockets) this.#world.whatsapp.leave(socket)
    this.#world.time.later(0, () => {
      this.line.actor?.stop()
      for (const off of this.#guards.splice(0)) off()
    })
  }

  #connect(options: ConnectOptions): SimSocket {
    const world = this.#world
    if (this.throwing && world.random.chance(0.5)) throw new Error('a connect that throws')
    this.epoch++
    world.rules.dials(this, options.auth.creds)
    const socket = new SimSocket(options, {
      time: world.time,
      random: world.random,
      whatsapp: world.whatsapp,
      owner: this,
      line: world.line,
      keepAliveMs: world.policy.liveness.silenceMs / 2,
      epoch: () => this.epoch,
      onClose: (_, ending) => world.rules.closed(this, ending),
      onOpen: () => world.rules.opened(this),
      onLateWrite: () => world.rules.broken('fence', 'a socket that is over wrote after the library had moved on'),
      onCode: (made, code) => world.person(made, code),
    })
    this.sockets.push(socket)
    if (this.sockets.length > 20) this.sockets.shift()
    return socket
  }

  #status(status: Status): void {
    if (!this.alive) return
    this.#world.rules.status(this, status)
    if (this.throwing) throw new Error('a listener that throws')
  }

  #store(): AuthStore {
    const world = this.#world
    const beats = new WeakMap<object, () => void>()
    const self: ProcessIdentity = {
      pid: this.pid,
      host: this.host,
      machine: this.host,
      boot: String(this.#boot),
      started: '1',
    }
    const store = fileAuthStore(folder, {
      fileSystem: this.gate.fileSystem,
      baileys: () => Promise.resolve(world.baileys),
      freeBytes: () => Promise.resolve(2 ** 40),
      isWritable: () => Promise.resolve(true),
      journalStepBytes: world.journalStepBytes,
      delays: { ...nodeDelays, soon: (step) => queueMicrotask(step) },
      processes: {
        self: () => self,
        stateOf: (other) => {
          if (other.host !== this.host) return 'unknown'
          return other.boot === self.boot && world.lives(other.pid) ? 'alive' : 'gone'
        },
      },
      timers: {
        setInterval: (step, ms) => {
          const beat = { timer: undefined as NodeJS.Timeout | undefined, unref: () => undefined }
          const next = () => {
            beat.timer = setTimeout(
              () => {
                step()
                next()
              },
              world.isContended() ? ms : rareBeatMs,
            )
          }
          beats.set(beat, () => clearTimeout(beat.timer))
          next()
          return beat
        },
        clearInterval: (beat) => beats.get(beat)?.(),
      },
    })
    const { quarantine, promoteStaging, restoreCreds, openStaging } = store
    store.quarantine = (selection, reason) => {
      this.epoch++
      world.rules.setsAside(selection, reason)
      return quarantine.call(store, selection, reason)
    }
    store.promoteStaging = (reason) => {
      this.epoch++
      return promoteStaging.call(store, reason)
    }
    store.restoreCreds = (reason) => {
      this.epoch++
      world.tally.restores++
      return restoreCreds.call(store, reason)
    }
    store.openStaging = () => {
      this.epoch++
      return openStaging.call(store)
    }
    return store
  }
}
