import { type IncomingMessage, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createDashboard } from '../src/dashboard/index.ts'
import { asLines, type ScriptedLine, scriptedLines } from './dashboard/scripted-line.ts'
import { median, type Row } from './table.ts'

const manyAccounts = 1_000
const manyViewers = 200
const changes = 100

const connect = (url: string, path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(new URL(path, url), { agent: false }, resolve).on('error', reject).end()
  })

/** A browser that notes when it is told something that holds a text. */
class Viewer {
  #heard = ''
  #awaited: { readonly text: string; readonly resolve: () => void } | undefined

  static async at(url: string): Promise<Viewer> {
    const viewer = new Viewer()
    const stream = await connect(url, 'api/stream')
    const begun = viewer.hears('event: snapshot')
    stream.on('data', (chunk: Buffer) => viewer.#take(chunk.toString('latin1')))
    await begun
    return viewer
  }

  hears(text: string): Promise<void> {
    this.#heard = ''
    return new Promise((resolve) => {
      this.#awaited = { text, resolve }
    })
  }

  #take(chunk: string): void {
    const { text, resolve } = this.#awaited ?? {}
    if (text === undefined) return
    this.#heard = this.#heard.slice(-text.length) + chunk
    if (!this.#heard.includes(text)) return
    this.#awaited = undefined
    resolve?.()
  }
}

/** A status that says the same as before is no news. */
let serial = 0

/** Milliseconds from a change of one account until every viewer was told, one for each change. */
async function delays(accounts: readonly ScriptedLine[], viewers: readonly Viewer[]): Promise<readonly number[]> {
  const times: number[] = []
  for (let change = 0; change < changes; change += 1) {
    const account = accounts[(change * 7) % accounts.length]
    serial += 1
    const message = `news ${serial}.`
    const told = Promise.all(viewers.map((viewer) => viewer.hears(message)))
    const start = performance.now()
    account?.become(change % 2 === 0 ? 'reconnecting' : 'healthy', message)
    await told
    times.push(performance.now() - start)
    // Off the beat of the batches.
    await pause(change % 17)
  }
  return times
}

const worst = (times: readonly number[]): string => `${Math.max(...times).toFixed(1)} ms`
const middle = (times: readonly number[]): string => `${median(times).toFixed(1)} ms`
const heap = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

async function firstStatus(url: string): Promise<number> {
  const start = performance.now()
  for (const path of ['', 'assets/main.js', 'assets/overview.svg', 'api/session']) (await connect(url, path)).resume()
  await Viewer.at(url)
  return performance.now() - start
}

/** The dashboard's server: how fast, for how many, with how much memory. */
export async function dashboard(): Promise<Row[]> {
  const accounts = scriptedLines(manyAccounts)
  const lines = asLines(accounts)
  const one = createDashboard(lines.slice(0, 1), { trustLoopback: true })
  const { url: small } = await one.serve({ port: 0 })
  const firsts: number[] = []
  for (let n = 0; n < 20; n += 1) firsts.push(await firstStatus(small))
  await one.close()

  const all = createDashboard(lines, { maxViewers: 1_000, trustLoopback: true })
  const { url } = await all.serve({ port: 0 })
  const alone = await delays(accounts, [await Viewer.at(url)])
  const before = heap()
  const viewers: Viewer[] = []
  for (let n = 0; n < manyViewers; n += 1) viewers.push(await Viewer.at(url))
  const crowd = await delays(accounts, viewers)
  const after = heap()
  const again = await delays(accounts, viewers)
  const later = heap()
  await all.close()
  return [
    {
      what: 'dashboard: page, session and first status from the server, on loopback (20 visits)',
      ours: `${middle(firsts)}, the first ${firsts[0]?.toFixed(1)} ms, the worst ${worst(firsts)}`,
      beside: 'the target holds for the browser too',
      target: '<= 300 ms',
    },
    {
      what: `dashboard: from a change of one of ${manyAccounts} accounts to its viewer (${changes} changes)`,
      ours: `${middle(alone)}, the worst ${worst(alone)}`,
      beside: 'changes are told together, at most once in 50 ms',
      target: '<= 100 ms',
    },
    {
      what: `dashboard: the same until the last of ${manyViewers} viewers has it`,
      ours: `${middle(crowd)}, the worst ${worst(crowd)}`,
      beside: `${middle(again)} and ${worst(again)} in a second round`,
      target: '<= 100 ms',
    },
    {
      what: `dashboard: heap of server and ${manyViewers} viewers in one process`,
      ours: `${(after - before).toFixed(1)} MiB more than with one viewer`,
      beside: `${(later - after).toFixed(1)} MiB more after another ${changes} changes`,
      target: '',
    },
  ]
}
