import { GatewayProcess } from '../../test/line/malformed/gateway.ts'
import { malformedStanzas } from '../../test/line/malformed/stanzas.ts'
import { type Baileys, World } from '../../test/line/world.ts'
import type { Part } from './part.ts'

const modules = ['@whiskeysockets/baileys', 'baileys-7-rc9', 'baileys-6'] as const
/** To one process, before it has to read a message. */
const atOnce = 500
const readMs = 60_000

/**
 * Thousands of malformed stanzas to supervised processes of each version of Baileys: none ends one, and each reads on.
 */
export function stanzasPart(firstSeed: number): Part {
  const failures: string[] = []
  let seed = firstSeed
  let sent = 0
  const round = async (module: (typeof modules)[number], until: number) => {
    const world = await World.open((await import(module)) as Baileys)
    const { url, rootKey } = world.server
    const gateway = new GatewayProcess({ module, supervised: true, url, rootKey, folder: await world.linkedFolder() })
    try {
      await gateway.reaches('healthy')
      do {
        const text = `still there after seed ${seed}?`
        for (const stanza of malformedStanzas(atOnce, seed)) world.server.push(stanza)
        await world.server.contact('anna').send(world.number, text)
        await inTime(gateway.reads(text))
        seed += 1
        sent += atOnce
      } while (performance.now() < until)
    } catch (error) {
      failures.push(`malformed stanzas to ${module}, seed ${seed}: ${error instanceof Error ? error.message : error}`)
      seed += 1
    } finally {
      await gateway.kill()
      await world.close()
    }
  }
  return {
    failures,
    work: async (until) => {
      for (const [at, module] of modules.entries()) {
        const left = until - performance.now()
        await round(module, performance.now() + left / (modules.length - at))
      }
    },
    said: () =>
      `malformed stanzas: ${sent} to three versions of Baileys, each ${atOnce} followed by a message that was read`,
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the message after them was not read')), readMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
