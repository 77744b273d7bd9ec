import { afterAll, afterEach, beforeAll } from 'vitest'
import type { SuperviseOptions } from '../../src/drop-in/index.ts'
import { type Baileys, World } from '../line/world.ts'
import { Bot, type Held } from './bot.ts'

/** A server for one file of tests, and gateways that are let go of after each. */
export class Bots {
  #world: World | undefined
  readonly #bots: Bot[] = []

  constructor(name: string, baileys: Baileys) {
    beforeAll(async () => {
      this.#world = await World.open(baileys, { seed: name })
      await this.world.linkedFolder()
    })
    afterEach(async () => {
      await Promise.all(this.#bots.splice(0).flatMap(({ held }) => held.map((one) => one.letGo())))
      await this.world.calm()
    })
    afterAll(() => this.world.close())
  }

  get world(): World {
    if (!this.#world) throw new Error('the server is not there yet')
    return this.#world
  }

  bot(options?: SuperviseOptions | 'plain'): Bot {
    const bot = new Bot(this.world, options)
    this.#bots.push(bot)
    return bot
  }

  /** A gateway whose socket, on a linked account, is open and has its backlog. */
  async up(options?: SuperviseOptions): Promise<Held> {
    return this.bot(options).up(await this.world.linkedFolder())
  }
}
