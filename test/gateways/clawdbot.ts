import { cpSync, existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Contact } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { nodeBinary } from '../drop-in/register/node-binary.ts'
import { Program } from '../drop-in/register/program.ts'
import { Tree } from '../drop-in/register/tree.ts'
import { World } from '../line/world.ts'
import { cli } from '../shipped.ts'
import { clawdbot, type GatewayRow } from './gateways.ts'
import { installed } from './installed.ts'
import { type Arm, answered, quickBaileys } from './stage.ts'
import { Trial } from './trial.ts'

/** What is broken off, and what is found out at the next start. */
export interface Story {
  readonly name: string
  /** How its first run ends. */
  readonly end: 'SIGKILL' | 'SIGTERM'
  readonly between?: (trial: Trial) => Promise<void> | void
}

/** What became of it: nothing if it was read and answered in both of its runs. */
export interface Told {
  readonly wrong: readonly string[]
  readonly ms: number
}

const row: GatewayRow = clawdbot
/** Its own command, which it answers without a model. */
const question = () => '/whoami'

/** Whole processes of clawdbot, `clawdbot gateway run`, each with a home of its own. */
export class Clawdbot {
  readonly #world: World
  readonly #tree: Tree
  readonly #node: string
  readonly #leader: string
  #count = 0

  private constructor(world: World, tree: Tree, node: string, leader: string) {
    this.#world = world
    this.#tree = tree
    this.#node = node
    this.#leader = leader
  }

  static async open(seed: string): Promise<Clawdbot> {
    const world = await World.open(undefined, { seed })
    const tree = await Tree.over(await installed(row), 'test/gateways/programs')
    const leader = await tree.leader(world.server, [row.baileys], quickBaileys)
    return new Clawdbot(world, tree, await nodeBinary(22), leader)
  }

  async close(): Promise<void> {
    await this.#world.close()
    await this.#tree.fell()
  }

  /** Runs until it answers, is ended, is harmed, and runs again. */
  async play({ end, between }: Story, arm: Arm, withinMs: number): Promise<Told> {
    const world = this.#world
    const number = `4917000020${100 + ++this.#count}`
    const home = join(this.#tree.folder, `home-${this.#count}`)
    const folder = join(home, row.folder)
    const linked = await world.linked(number)
    const friends = await world.friends(linked, ['anna', 'ben'])
    await linked.line.stop()
    await mkdir(home)
    cpSync(linked.folder, folder, { recursive: true, preserveTimestamps: true })
    await this.#configure(home)
    let program = await this.#started(home, arm)
    const trial = new Trial(world, folder, number, friends, () => program)
    const wrong: string[] = []
    let since = performance.now()
    try {
      const first = await this.#answers(friends, number, program, withinMs)
      if (first) wrong.push(`its first run did not answer: ${first}`)
      if (end === 'SIGKILL') await program.kill()
      else {
        program.signal(end)
        await soon(program.ended(), 20_000, 'the end after SIGTERM')
        const lock = join(folder, '.lifeline', 'lock')
        const left = arm === 'exec' ? await readdir(lock) : []
        if (left.length > 0) wrong.push(`it left a lock: ${left}`)
      }
      await between?.(trial)
      since = performance.now()
      program = await this.#started(home, arm)
      const second = await this.#answers(friends, number, program, withinMs)
      if (second) wrong.push(`its second run did not answer: ${second}`)
      const codes = (program.stdout + program.stderr).match(/Scan th/g)?.length ?? 0
      if (codes > 0) wrong.push(`it showed ${codes} codes`)
      if (!existsSync(join(folder, 'creds.json'))) wrong.push('its credentials are gone')
      const peak = world.server.peak(number)
      if (peak !== 1) wrong.push(`it had ${peak} connections at the same time`)
    } catch (error) {
      wrong.push(String(error))
    } finally {
      await program.kill()
      await world.calm()
    }
    return { wrong, ms: Math.round(performance.now() - since) }
  }

  async #configure(home: string): Promise<void> {
    const settings = {
      gateway: { mode: 'local', port: await freePort(), bind: 'loopback', auth: { mode: 'token', token: 'rehearsal' } },
      channels: { whatsapp: { dmPolicy: 'open', allowFrom: ['*'] } },
      plugins: { entries: { whatsapp: { enabled: true } } },
    }
    await writeFile(join(home, 'clawdbot.json'), JSON.stringify(settings))
  }

  async #started(home: string, arm: Arm): Promise<Program> {
    const own = [this.#node, '--import', this.#leader, join(this.#tree.folder, row.program), 'gateway', 'run']
    const [file = '', ...args] =
      arm === 'alone' ? own : [this.#node, cli, 'exec', '--policy', this.#tree.policy, '--', ...own]
    return new Program(file, args, {
      cwd: home,
      env: {
        HOME: home,
        CLAWDBOT_STATE_DIR: home,
        XDG_STATE_HOME: join(home, 'state'),
        CLAWDBOT_DISABLE_BONJOUR: '1',
        CLAWDBOT_SKIP_BROWSER_CONTROL_SERVER: '1',
        CLAWDBOT_SKIP_CANVAS_HOST: '1',
        CLAWDBOT_SKIP_GMAIL_WATCHER: '1',
        CLAWDBOT_SKIP_CRON: '1',
      },
    })
  }

  /** What it said, if it did not answer everybody in time. */
  async #answers(friends: readonly Contact[], number: string, program: Program, withinMs: number) {
    let over = false
    const all = friends.map((friend) => answered(friend, number, () => over, { question, isAnswer: () => true }))
    const lost = Promise.race([program.ended().then(() => 'it has ended'), later(withinMs, 'nothing more came')])
    const end = await Promise.race([Promise.all(all).then(() => undefined), lost])
    over = true
    return end && `${end}\n${program.stdout}${program.stderr}`
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const later = <T>(ms: number, what: T) => new Promise<T>((resolve) => setTimeout(() => resolve(what), ms).unref())

async function soon<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const end = await Promise.race([promise.then((value) => ({ value })), later(ms, undefined)])
  if (end === undefined) throw new Error(`${what} did not come within ${ms} ms`)
  return end.value
}
