import { type Policy, resolvePolicy, type StateName } from '../../machines/index.ts'
import type { BaileysParts } from '../../src/stores/codec.ts'
import { baileysParts, folder, identityOf, pairedFields, sessionFile } from './account.ts'
import { Disk } from './disk.ts'
import type { DiskTrouble } from './disk-gate.ts'
import { GatewayProcess, rareBeatMs } from './gateway-process.ts'
import { Random } from './random.ts'
import { Rules } from './rules.ts'
import type { SimSocket } from './socket.ts'
import { VirtualTime } from './virtual-time.ts'
import { WhatsApp } from './whatsapp.ts'

export const dayMs = 86_400_000
const minuteMs = 60_000
/** The name of another host that reaches the same disk. */
export const elsewhere = 'elsewhere'

/** What was counted over a life. */
export interface Tally {
  opens: number
  closes: number
  crashes: number
  starts: number
  prunes: number
  restores: number
  pairings: number
  /** Virtual milliseconds spent in each state. */
  readonly states: Partial<Record<StateName, number>>
}

/**
 * A gateway, its disk, its server, its people, and everything that can happen to them. Small, closed, and the same for
 * the same seed.
 */
export class SimulatedWorld {
  readonly time = new VirtualTime()
  readonly random: Random
  readonly disk = new Disk()
  readonly trouble: DiskTrouble = { errno: undefined, readsToo: false, share: 1, slowMs: 0 }
  readonly whatsapp: WhatsApp
  readonly baileys: BaileysParts
  readonly policy: Policy
  readonly line: 'v6' | 'v7'
  readonly rules: Rules
  /** No account is busy here, so in half of the lives the journal is small: it is often full. */
  readonly journalStepBytes: number
  readonly tally: Tally = {
    opens: 0,
    closes: 0,
    crashes: 0,
    starts: 0,
    prunes: 0,
    restores: 0,
    pairings: 0,
    states: {},
  }
  readonly processes: GatewayProcess[] = []
  /** The identity that creds.json should hold. */
  identity = 0
  boots = 1
  /** When processes on another host begin to contend for the folder. */
  contentions: readonly number[] = []
  /** How long the host slept in all: time that passed for everybody else. */
  sleptMs = 0
  /** Whether somebody with a phone is there to scan. */
  attended = true
  /** Messages a day from each contact. */
  chatter = 2
  #hash = 0x811c9dc5
  #pids = 1
  #stateSince = 0
  #state: StateName = 'stopped'
  #diskWellSince = 0
  /** The newest events, for the report of a failure. */
  /** When a process last ended, in whatever way. */
  lastKillAt = 0
  readonly #tail: string[] = []
  keepTail = false

  constructor(seed: number) {
    this.random = new Random(seed)
    this.line = this.random.chance(0.5) ? 'v6' : 'v7'
    this.policy = policyOf(this.random)
    this.journalStepBytes = this.random.chance(0.5) ? 4_096 : 32_768
    this.whatsapp = new WhatsApp(this.time, this.random, 6)
    this.baileys = baileysParts()
    this.rules = new Rules(this)
    this.disk.clock = () => this.time.now + this.sleptMs + Date.UTC(2026, 0, 1)
    this.disk.onChange = (change) => this.rules.changes(change)
    this.#furnish(this.random.chance(0.1))
    for (const contact of this.whatsapp.contacts) this.#chat(contact)
    this.lookIn()
  }

  /** The process that the account's owner runs. */
  get gateway(): GatewayProcess | undefined {
    return this.processes.find(({ host, alive }) => alive && host === 'gateway')
  }

  get trace(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0')
  }

  get tail(): readonly string[] {
    return this.#tail
  }

  nextPid(): number {
    return this.#pids++
  }

  /** Whether somebody elsewhere may look at a heartbeat before the next rare one. */
  isContended(): boolean {
    const { now } = this.time
    return this.contentions.some((at) => now > at - 2 * rareBeatMs && now < at + 4 * rareBeatMs)
  }

  lives(pid: number): boolean {
    return this.processes.some((process) => process.pid === pid && process.alive)
  }

  /** Adds to the trace: equal traces, equal lives. */
  note(pid: number, what: string): void {
    const text = `${this.time.now} ${pid} ${what}`
    let hash = this.#hash
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    this.#hash = hash
    if (!this.keepTail) return
    this.#tail.push(`${(this.time.now / 1_000).toFixed(3)} s  process ${pid}  ${what}`)
    if (this.#tail.length > 60) this.#tail.shift()
  }

  inState(state: StateName): void {
    const { states } = this.tally
    states[this.#state] = (states[this.#state] ?? 0) + this.time.now - this.#stateSince
    this.#stateSince = this.time.now
    this.#state = state
  }

  launch(host = 'gateway'): GatewayProcess {
    const process = new GatewayProcess(this, host)
    this.processes.push(process)
    if (this.processes.length > 6) this.processes.splice(0, 1)
    this.tally.starts++
    this.note(process.pid, `starts on ${host}`)
    process.start()
    return process
  }

  /**
   * A process ends at this very call. `cut`: the power went, so the disk holds what luck left, and all processes of
   * this host and disk are gone.
   */
  kill(process: GatewayProcess, how: 'killed' | 'cut'): void {
    if (!process.alive) return
    this.tally.crashes++
    this.note(process.pid, how)
    this.#drop(process)
    if (how !== 'cut') return
    for (const other of this.processes) if (other.alive) this.#drop(other)
    this.boots++
    this.disk.cut(this.random)
  }

  /** Someone with the phone sees a code. */
  person(socket: SimSocket, code: string): void {
    if (this.attended && this.random.chance(0.3))
      this.time.later(this.random.between(3_000, 18_000), () => socket.scan(code))
  }

  /** The owner looks in now and then, and does what the status says. */
  lookIn(): void {
    this.time.later(this.random.between(1, 12) * 60 * minuteMs, () => {
      this.lookIn()
      const process = this.gateway
      if (!this.attended || !process) return
      const { state } = process
      if (state !== 'awaitingQr' && state !== 'blocked' && state !== 'conflicted') return
      this.note(process.pid, `its owner looks in: ${state}`)
      if (state === 'awaitingQr') this.rules.signs.asked = true
      process.run(() => {
        const { line } = process
        const done = state === 'awaitingQr' && !line.status.qr ? line.relink() : line.reconnect()
        done.catch(() => undefined)
      })
    })
  }

  setClock(ms: number): void {
    this.time.wallOffset += ms
    if (ms > 0) this.rules.forwardMs += ms
  }

  setTrouble(trouble: Partial<DiskTrouble>): void {
    Object.assign(this.trouble, trouble)
    this.#diskWellSince = this.time.now
  }

  diskWellFor(ms: number): boolean {
    const { errno, slowMs } = this.trouble
    return errno === undefined && slowMs === 0 && this.time.now - this.#diskWellSince >= ms
  }

  #drop(process: GatewayProcess): void {
    this.lastKillAt = this.time.now
    process.bury()
    if (process.host !== 'gateway' || !process.wanted) return
    // As every process supervisor does it.
    this.time.later(this.random.between(1_000, 15_000), () => this.gateway ?? this.launch())
  }

  #chat(contact: WhatsApp['contacts'][number]): void {
    this.time.later(this.random.between(0, (2 * dayMs) / this.chatter), () => {
      this.whatsapp.write(contact)
      this.#chat(contact)
    })
  }

  /** An account as an earlier run of Baileys left it; or none. */
  #furnish(unlinked: boolean): void {
    this.disk.mkdir(folder)
    this.disk.syncFolder('/')
    if (unlinked) {
      this.rules.signs.unlinked = true
      return
    }
    const { replacer } = this.baileys.BufferJSON
    const put = (name: string, value: unknown) =>
      this.disk.poke(`${folder}/${name}`, Buffer.from(JSON.stringify(value, replacer)))
    const creds = { ...this.baileys.initAuthCreds(), ...pairedFields() }
    this.identity = identityOf(creds)
    this.whatsapp.link(this.identity)
    put('creds.json', creds)
    for (const contact of this.whatsapp.contacts) {
      contact.session = { id: this.whatsapp.newId(), turn: 0 }
      put(`session-${contact.address}.json`, sessionFile([contact.session]))
    }
  }
}

/**
 * One life in twelve runs on the default policy; the others look at the link and the clock less often: a day of
 * watching nothing happen is ten times as dear.
 */
function policyOf(random: Random): Policy {
  const rare = random.pick([20, 40, 60]) * minuteMs
  const options = random.chance(1 / 12) ? {} : { liveness: { silenceMs: rare, sleepJumpMs: rare } }
  return resolvePolicy(options).policy
}
