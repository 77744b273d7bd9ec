import { damageSessions, sessionFiles } from '../line/damage.ts'
import type { Gateway, GatewayOptions } from '../line/gateway.ts'
import type { World } from '../line/world.ts'

/**
 * An account whose every session is foreign, as after a power cut: ready to be started, hit by a storm of unreadable
 * messages, and healed.
 */
export class Storm {
  readonly gateway: Gateway
  readonly #world: World
  readonly #friends: Awaited<ReturnType<World['friends']>>

  private constructor(world: World, gateway: Gateway, friends: Awaited<ReturnType<World['friends']>>) {
    this.#world = world
    this.gateway = gateway
    this.#friends = friends
  }

  static async ready(
    world: World,
    number: string,
    options: GatewayOptions = {},
    prepare: (before: Gateway) => Promise<void> = async () => undefined,
  ): Promise<Storm> {
    const before = await world.linked(number, options)
    // They do not send anew what was not read, so that only the ladder helps.
    const friends = await world.friends(before, ['anna', 'berta', 'carla', 'dora', 'emma', 'fanni'], { resends: false })
    await before.line.stop()
    await prepare(before)
    await damageSessions(before.folder, ['foreign'], await sessionFiles(before.folder))
    return new Storm(world, world.newcomer(options, before.folder, number), friends)
  }

  /** Each of them writes what cannot be read. */
  async breaks(): Promise<void> {
    await Promise.all(this.#friends.map((friend) => friend.send(this.gateway.number, 'unread')))
  }

  /** Resolves when the sessions lie in the quarantine, and every friend is read again. */
  async heals(): Promise<void> {
    const { gateway } = this
    await gateway.until(() => gateway.told.includes('sessions-pruned'))
    await gateway.until(() => gateway.line.socket !== undefined)
    for (const friend of this.#friends) {
      const got = friend.nextReceived()
      await gateway.say(friend.jid, 'are you there?')
      await gateway.soon(got, `what was sent to ${friend.name}`)
    }
    await this.#world.read(gateway, this.#friends)
    await gateway.until('healthy')
  }
}
