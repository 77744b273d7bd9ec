import type { Contact, FakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import type { Program } from '../drop-in/register/program.ts'
import type { World } from '../line/world.ts'

/** A gateway in its folder, while something befalls it. */
export class Trial {
  readonly folder: string
  readonly number: string
  readonly friends: readonly Contact[]
  readonly #world: World
  readonly #program: () => Program

  constructor(world: World, folder: string, number: string, friends: readonly Contact[], program: () => Program) {
    this.#world = world
    this.folder = folder
    this.number = number
    this.friends = friends
    this.#program = program
  }

  get server(): FakeWhatsApp {
    return this.#world.server
  }

  /** It has been connected so often. */
  async ready(times: number): Promise<void> {
    await this.#program().until(() => this.#program().count('ready') >= times)
  }
}
