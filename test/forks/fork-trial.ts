import { type Contact, faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { damageSessions, sessionFiles, uncleanEnd } from '../line/damage.ts'
import type { Gateway } from '../line/gateway.ts'
import { type Baileys, World } from '../line/world.ts'

/** What a log was told, at whatever level. */
export class Log {
  readonly level = 'warn'
  readonly lines: string[] = []
  readonly warn = (fields: unknown, message?: string): void => this.#keep(fields, message)
  readonly error = this.warn
  readonly trace = (): void => undefined
  readonly debug = this.trace
  readonly info = this.trace

  #keep(fields: unknown, message = ''): void {
    const error: unknown = Reflect.get(Object(fields), 'err') ?? Reflect.get(Object(fields), 'error')
    this.lines.push(`${message} ${error instanceof Error ? error.message : JSON.stringify(fields)}`)
  }
}

/** A contact that never sends again is read once the account has given up the old session and written to it. */
async function cure(world: World, gateway: Gateway, contact: Contact | undefined): Promise<void> {
  if (!contact) throw new Error('no contact')
  gateway.line.actor?.subscribe(() => gateway.look())
  for (let at = 0; at < 3; at += 1) await contact.send(gateway.number, `unread ${at}`)
  await gateway.until(() => {
    const live = gateway.line.actor?.getSnapshot().context.tried.live === true
    return (live || gateway.told.includes('sessions-pruned')) && gateway.line.socket !== undefined
  })
  const got = contact.nextReceived()
  await gateway.say(contact.jid, 'are you there?')
  await gateway.soon(got, `what was sent to ${contact.name}`)
  await world.read(gateway, [contact])
}

/**
 * Links an account with that Baileys, reads and answers, has its connection killed, and heals damaged sessions. Rejects
 * with what did not come.
 */
export async function playFork(
  baileys: Baileys,
  seed: string,
): Promise<{ readonly log: Log; readonly gateway: Gateway }> {
  const world = await World.open(baileys, { seed })
  const log = new Log()
  try {
    const before = await world.linked('491700000001', { logger: log })
    const friends = await world.friends(before, ['anna', 'berta'])
    const [stubborn] = await world.friends(before, ['carla'], { resends: false })
    world.server.now(faults.unavailable)
    await before.next('healthy')
    await world.read(before, friends)
    await before.line.stop()
    await damageSessions(before.folder, ['foreign', 'half'], await sessionFiles(before.folder))
    await uncleanEnd(before.folder)
    const gateway = await world.newcomer({ logger: log }, before.folder, before.number).up()
    await world.read(gateway, friends)
    await cure(world, gateway, stubborn)
    await gateway.until('healthy')
    await gateway.line.stop()
    return { log, gateway }
  } finally {
    await world.close()
  }
}
