import { execFile } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contact } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Program } from '../drop-in/register/program.ts'
import { Tree } from '../drop-in/register/tree.ts'
import { World } from '../line/world.ts'
import { cli } from '../shipped.ts'
import type { GatewayRow } from './gateways.ts'
import { installed } from './installed.ts'
import type { Scenario } from './scenarios.ts'
import { Trial } from './trial.ts'

/** Under `lifeline exec`, or as it is. */
export type Arm = 'exec' | 'alone'

/** What became of a gateway: `back` means that everybody who wrote was read and answered. */
export interface Outcome {
  readonly end: 'back' | 'asks for a code' | 'ended' | 'silent'
  readonly ms: number
  /** How many codes it showed. */
  readonly codes: number
  /** The credentials still lie in its folder. */
  readonly kept: boolean
  /** How many connections the account ever had at the same time. */
  readonly peak: number
  readonly said: string
}

/** Baileys' own waits, made short for both arms. */
export const quickBaileys = { connectTimeoutMs: 1_500, keepAliveIntervalMs: 2_000, retryRequestDelayMs: 250 }

/** A server of its own on which one gateway after another is tried, each with an account of its own. */
export class Stage {
  readonly #row: GatewayRow
  readonly #world: World
  readonly #tree: Tree
  readonly #leader: string
  #count = 0

  private constructor(row: GatewayRow, world: World, tree: Tree, leader: string) {
    this.#row = row
    this.#world = world
    this.#tree = tree
    this.#leader = leader
  }

  static async open(row: GatewayRow, seed: string): Promise<Stage> {
    const world = await World.open(undefined, { seed })
    const tree = await Tree.over(await installed(row), 'test/gateways/programs')
    const leader = await tree.leader(world.server, [row.baileys], quickBaileys)
    return new Stage(row, world, tree, leader)
  }

  async close(): Promise<void> {
    await this.#world.close()
    await this.#tree.fell()
  }

  /**
   * Plays a scenario. A gateway that is back sooner ends it; else it ends after `withinMs`, or when nothing more can
   * come.
   */
  async play(scenario: Scenario, arm: Arm, withinMs: number): Promise<Outcome> {
    const world = this.#world
    const place = join(this.#tree.folder, `place-${++this.#count}`)
    const folder = join(place, this.#row.folder)
    await mkdir(place)
    const { number, friends, linked } = await this.#linked(scenario)
    cpSync(linked, folder, { recursive: true, preserveTimestamps: true })
    let program: Program | undefined
    const started = (): Program => {
      if (program === undefined) throw new Error('the gateway is not started yet')
      return program
    }
    const trial = new Trial(world, folder, number, friends, started)
    try {
      await scenario.before?.(trial)
      const args = [...this.#wrapped(arm), ...(this.#row.args ?? []), this.#tree.program(this.#row.program), folder]
      program = new Program(process.execPath, args, { cwd: place, env: { XDG_STATE_HOME: join(place, 'state') } })
      const since = performance.now()
      const end = await this.#end(scenario, trial, started(), withinMs)
      return {
        end,
        ms: Math.round(performance.now() - since),
        codes: program.count('qr'),
        kept: existsSync(join(folder, 'creds.json')),
        peak: world.server.peak(number),
        said: `${program.stdout}${program.stderr}${end === 'back' || arm === 'alone' ? '' : await explained(folder)}`,
      }
    } finally {
      await program?.kill()
      await world.calm()
    }
  }

  #wrapped(arm: Arm): readonly string[] {
    const node = ['--import', this.#leader]
    if (arm === 'alone') return node
    return [cli, 'exec', '--policy', this.#tree.policy, '--', process.execPath, ...node]
  }

  /** An account of its own, whose folder was supervised here before, and whose last run ended cleanly. */
  async #linked({ friends = 0 }: Scenario) {
    const world = this.#world
    const number = `4917000010${100 + this.#count}`
    const gateway = await world.linked(number)
    const names = Array.from({ length: friends }, (_, at) => `friend ${at} of ${this.#count}`)
    const known = await world.friends(gateway, names)
    await gateway.line.stop()
    return { number, friends: known, linked: gateway.folder }
  }

  async #end(scenario: Scenario, trial: Trial, program: Program, withinMs: number): Promise<Outcome['end']> {
    let over = false
    const ended = program.ended().then(() => 'ended' as const)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'silent'>((resolve) => {
      timer = setTimeout(() => resolve('silent'), withinMs)
    })
    const back = async (): Promise<Outcome['end']> => {
      await scenario.after?.(trial)
      if (scenario.needsCode) {
        await program.until(() => program.count('qr') > 0, withinMs)
        const code = program.said.findLast(({ type }) => type === 'qr')?.qr ?? ''
        await trial.server.phone(trial.number).scan(code)
      }
      const others = trial.friends.length > 0 ? trial.friends : [trial.server.contact(`stranger ${this.#count}`)]
      await Promise.all(others.map((contact) => answered(contact, trial.number, () => over)))
      return 'back'
    }
    const asked = async (): Promise<Outcome['end']> => {
      await program.until(() => program.count('qr') > 0, withinMs)
      return 'asks for a code'
    }
    const ways = [back(), ...(scenario.needsCode ? [] : [asked()])]
    try {
      // Those that fail do so because it has ended, or time is over.
      return await Promise.race([ended, late, ...ways.map((way) => way.catch(() => ended))])
    } finally {
      over = true
      clearTimeout(timer)
    }
  }
}

/** What the account's own history says of it. */
async function explained(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'explain', '--auth', folder])
  return stdout
}

/** Writes until it is read, as people do: a message that nobody can send again is lost with its session. */
export async function answered(
  contact: Contact,
  number: string,
  isOver: () => boolean,
  { question, isAnswer } = own(contact),
): Promise<void> {
  for (let time = 1; !isOver(); time += 1) {
    const told = contact.nextReceived()
    await contact.send(number, question(time))
    let timer: NodeJS.Timeout | undefined
    const again = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), againMs)
    })
    const answer = await Promise.race([told, again])
    clearTimeout(timer)
    if (answer !== undefined && isAnswer(answer)) return
  }
}

const own = ({ name }: Contact) => ({
  question: (time: number) => `${name} writes ${time}`,
  isAnswer: (answer: string) => answer.startsWith(`got ${name} writes`),
})

const againMs = 1_500
