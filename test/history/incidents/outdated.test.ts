import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

// 73 closes with 405 in a row one morning, over once the version was raised: WhiskeySockets/Baileys issue 1939.
describe.each(today)('a client version that is no longer accepted, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `outdated ${name}` })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('is told with the version in use and the newest that is known, which is what Baileys itself would report', async () => {
    const gateway = await world.gateway({ connect: (given) => world.socket(given, { version: [2, 2000, 1] }) })
    world.server.onNextLogin(faults.outdated, { account: gateway.number })
    await gateway.start()
    await gateway.until('blocked')
    const [a, b, c] = baileys.DEFAULT_CONNECTION_CONFIG.version
    expect(gateway.line.status.message).toBe(
      `WhatsApp no longer accepts this client version, 2.2000.1. The newest that is known here is ${a}.${b}.${c}.`,
    )
  })
})
