import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { createFleet, type Fleet } from '../../../src/fleet/index.ts'
import type { BaileysSocket } from '../../../src/index.ts'
import { type FakeWhatsApp, startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { connectPostgres, migrate } from '../../../src/stores/postgres/index.ts'
import { startServer, type TestServer } from '../../stores/postgres/server.ts'
import type { FromHost } from './host-messages.ts'
import { lease, pace, policy } from './host-messages.ts'
import { HostProcess } from './host-process.ts'
import { Traffic } from './traffic.ts'

/** Three host processes, a database, a WhatsApp server and contacts that write all the time. */
export class Trial {
  readonly server: FakeWhatsApp
  readonly database: TestServer
  readonly accounts: readonly string[]
  readonly traffic: Traffic
  readonly hosts = new Map<string, HostProcess>()
  /** A host that has no account and sees all of them. */
  readonly watcher: Fleet
  badMacs = 0
  readonly #url: string
  readonly #ttlMs: number
  readonly #readings: string
  #started = 0

  private constructor(server: FakeWhatsApp, database: TestServer, url: string, count: number, ttlMs: number) {
    this.#ttlMs = ttlMs
    this.server = server
    this.database = database
    this.#url = url
    this.accounts = Array.from({ length: count }, (_, at) => `account-${String(at).padStart(2, '0')}`)
    this.#readings = mkdtempSync(join(tmpdir(), 'lifeline-readings-'))
    this.traffic = new Traffic(server, this.accounts.map(numberOf), this.#readings)
    this.watcher = createFleet<BaileysSocket>({
      store: { connectionString: url, lease: { ...lease, ttlMs } },
      hostId: 'watcher',
      most: 0,
      pace,
      policy,
      drainOn: [],
      connect: () => {
        throw new Error('The watcher connects nothing.')
      },
    })
  }

  /** On a database server of its own, unless one is given. `ttlMs`: how long a lease lasts. */
  static async open(count: number, given?: TestServer, ttlMs: number = lease.ttlMs): Promise<Trial> {
    const [server, database] = await Promise.all([startFakeWhatsApp({ claimedPreKeys: 1 }), given ?? startServer()])
    const url = await database.newDatabase()
    const first = connectPostgres({ connectionString: url })
    await migrate(first)
    await first.end()
    return new Trial(server, database, url, count, ttlMs)
  }

  /** Starts the hosts, and lets phones scan the codes that the watcher shows. */
  async link(hostIds: readonly string[]): Promise<void> {
    await this.watcher.start()
    for (const account of this.accounts)
      this.watcher.line(account).on('qr', ({ code }) => {
        // A code that was scanned while the next one came is none any more.
        this.server
          .phone(numberOf(account))
          .scan(code)
          .catch(() => undefined)
      })
    for (const hostId of hostIds) await this.start(hostId)
    await this.settled(180_000)
    this.traffic.begin(Math.max(20, 1_200 / this.accounts.length))
  }

  async start(hostId: string): Promise<HostProcess> {
    const { url, rootKey } = this.server
    const config = {
      hostId,
      ttlMs: this.#ttlMs,
      database: this.#url,
      whatsapp: url,
      rootKey,
      accounts: this.accounts,
      readings: join(this.#readings, `${hostId}-${++this.#started}`),
    }
    const host = await HostProcess.start(config, (message) => this.#heard(message))
    this.hosts.set(hostId, host)
    return host
  }

  host(hostId: string): HostProcess {
    const host = this.hosts.get(hostId)
    if (!host) throw new Error(`no host ${hostId}`)
    return host
  }

  /** Every account is healthy on exactly one of the hosts that count. */
  get allOwned(): boolean {
    const owners = [...this.hosts.values()].filter(({ alive }) => alive).flatMap(({ states }) => [...states.keys()])
    const healthy = new Set([...this.hosts.values()].flatMap((host) => host.healthy))
    return owners.length === this.accounts.length && healthy.size === this.accounts.length
  }

  /** No host has more than one account more than another. */
  get even(): boolean {
    const counts = [...this.hosts.values()].map(({ states }) => states.size)
    return this.allOwned && Math.max(...counts) - Math.min(...counts) <= 1
  }

  /** Resolves once all accounts are spread evenly and healthy, and every message so far was read. */
  async settled(withinMs = 60_000): Promise<void> {
    await this.until(() => this.even, withinMs, 'evenly spread')
    const sent = this.traffic.sent
    await this.until(() => this.traffic.unread.every((text) => numberIn(text) >= sent), withinMs, 'every message read')
    await this.until(() => this.#oneConnectionEach(), withinMs, 'one connection for each account')
  }

  /** How often a login took another connection's place. */
  get replaced(): number {
    return this.server.events.filter(({ kind }) => kind === 'replaced').length
  }

  async until(holds: () => boolean, withinMs: number, what: string): Promise<void> {
    const end = performance.now() + withinMs
    while (!holds()) {
      if (performance.now() > end) throw new Error(`It did not come to: ${what}.\n${this.#picture()}`)
      await later(20)
    }
  }

  async close(): Promise<void> {
    await this.traffic.end()
    for (const host of this.hosts.values()) {
      if (!host.alive) continue
      host.signal('SIGCONT')
      host.signal('SIGKILL')
      await host.ended()
    }
    await this.watcher.stop()
    await this.server.stop()
    await this.database.stop()
    rmSync(this.#readings, { recursive: true, force: true })
  }

  #oneConnectionEach(): boolean {
    const live = this.server.connections.map(({ account }) => account)
    return this.accounts.every((account) => live.filter((one) => one === numberOf(account)).length === 1)
  }

  #heard(message: FromHost): void {
    if (message.type === 'bad-mac') this.badMacs += 1
  }

  #picture(): string {
    const hosts = [...this.hosts.values()].map(
      ({ hostId, alive, states }) => `${hostId} ${alive ? '' : '(ended) '}${JSON.stringify([...states])}`,
    )
    const seen = this.watcher
      .lines()
      .map(({ account, host, status }) => `${account} ${host} ${status.state} ${status.message}`)
    const live = this.server.connections.map(({ account }) => account)
    return [...hosts, ...seen, `live ${live.join()}`, `unread ${this.traffic.unread.join(', ')}`].join('\n')
  }
}

const numberOf = (account: string): string => `4917100000${account.slice(-2)}`
const numberIn = (text: string): number => Number(text.split(' ')[1])
