import { lease } from './host-messages.ts'
import type { Trial } from './trial.ts'

/** What was measured while a harm was done and mended. */
export interface Harmed {
  readonly name: string
  /**
   * From the harm until every account was healthy on a host that could have it; undefined where nobody had to take
   * over.
   */
  readonly tookOverMs: number | undefined
  /** Connections whose place another login took. */
  readonly replaced: number
  /** How many of those the harm itself makes unavoidable: a stopped process cannot close its sockets. */
  readonly allowed: number
}

type Harm = (trial: Trial) => Promise<Pick<Harmed, 'tookOverMs'> & { readonly allowed?: number }>

const settleMs = 90_000

const tookOver = async (trial: Trial, since: number): Promise<number> => {
  await trial.until(() => trial.allOwned, settleMs, 'every account taken over')
  return performance.now() - since
}

/** Kept away from a host for so long that its leases end. */
const longer = lease.ttlMs + 1_000

const waited = (trial: Trial, ms: number): Promise<void> => {
  const end = performance.now() + ms
  return trial.until(() => performance.now() >= end, ms + 5_000, 'time')
}

/** How long taking over may take on a machine that is not busy otherwise. */
export const promisedMs: Readonly<Record<string, number>> = {
  'SIGKILL of a host': lease.ttlMs + 5_000,
  'SIGSTOP for longer than a lease lasts': lease.ttlMs + 5_000,
  'a host is cut from the database': lease.ttlMs + 5_000,
  'SIGTERM of all hosts, one by one': 3_000,
}

export const harms: Readonly<Record<string, Harm>> = {
  'SIGKILL of a host': async (trial) => {
    const host = trial.host('a')
    const since = performance.now()
    host.signal('SIGKILL')
    await host.ended()
    trial.hosts.delete('a')
    const tookOverMs = await tookOver(trial, since)
    await trial.start('a')
    return { tookOverMs }
  },
  'SIGSTOP for longer than a lease lasts': async (trial) => {
    const host = trial.host('b')
    const frozen = host.states.size
    trial.hosts.delete('b')
    const since = performance.now()
    host.signal('SIGSTOP')
    const tookOverMs = await tookOver(trial, since)
    const before = trial.replaced
    const woken = trial.hosts.set('b', host)
    host.signal('SIGCONT')
    await trial.until(() => woken.get('b')?.states.size === 0 || trial.allOwned, settleMs, 'the woken host yields')
    await trial.until(() => trial.allOwned, settleMs, 'nothing is owned twice')
    if (trial.replaced > before) throw new Error('The woken host knocked somebody off.')
    return { tookOverMs, allowed: frozen }
  },
  'a host is cut from the database': async (trial) => {
    const host = trial.host('c')
    const since = performance.now()
    void host.ways.database.cut()
    await trial.until(() => host.states.size === 0, settleMs, 'the host gives up')
    const tookOverMs = await tookOver(trial, since)
    host.ways.database.mend()
    return { tookOverMs }
  },
  'a host is cut from WhatsApp': async (trial) => {
    const host = trial.host('a')
    void host.ways.whatsapp.cut()
    await trial.until(() => host.healthy.length === 0, settleMs, 'the host is cut off')
    await waited(trial, 2_000)
    host.ways.whatsapp.mend()
    return { tookOverMs: undefined }
  },
  'everyone is cut from the database for less than a lease lasts': async (trial) => {
    const closed = () => trial.server.events.filter(({ kind }) => kind === 'closed').length
    const before = closed()
    for (const { ways } of trial.hosts.values()) void ways.database.cut()
    await waited(trial, lease.ttlMs - lease.marginMs - lease.renewMs - 1_500)
    for (const { ways } of trial.hosts.values()) ways.database.mend()
    await waited(trial, lease.renewMs)
    if (closed() > before) throw new Error('A connection was closed although every lease still held.')
    return { tookOverMs: undefined }
  },
  'everyone is cut from the database for longer': async (trial) => {
    for (const { ways } of trial.hosts.values()) void ways.database.cut()
    await trial.until(() => [...trial.hosts.values()].every(({ states }) => states.size === 0), settleMs, 'all closed')
    const since = performance.now()
    for (const { ways } of trial.hosts.values()) ways.database.mend()
    return { tookOverMs: await tookOver(trial, since) }
  },
  'the database is restarted': async (trial) => {
    await trial.database.restart?.()
    return { tookOverMs: undefined }
  },
  "a host's clock jumps an hour ahead, and back": async (trial) => {
    trial.host('b').jump(3_600_000)
    await waited(trial, longer)
    trial.host('b').jump(-3_600_000)
    return { tookOverMs: undefined }
  },
  'SIGTERM of all hosts, one by one': async (trial) => {
    let longest = 0
    for (const hostId of [...trial.hosts.keys()]) {
      const host = trial.host(hostId)
      const since = performance.now()
      host.signal('SIGTERM')
      await host.ended()
      trial.hosts.delete(hostId)
      longest = Math.max(longest, await tookOver(trial, since))
      await trial.start(hostId)
      await trial.settled()
    }
    return { tookOverMs: longest }
  },
}

/** Does it, and waits until everything is well again. Rejects if something did not come to be well. */
export async function harmed(trial: Trial, name: string): Promise<Harmed> {
  const harm = harms[name]
  if (!harm) throw new Error(`no harm ${name}`)
  const before = trial.replaced
  const { tookOverMs, allowed = 0 } = await harm(trial)
  await trial.settled()
  return { name, tookOverMs, allowed, replaced: trial.replaced - before }
}
