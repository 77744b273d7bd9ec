import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfMessage } from '../../src/index.ts'
import { lines, World } from '../line/world.ts'
import { inTurn } from '../share.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('selfMessage() with real Baileys $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
  }, 60_000)
  afterAll(() => world.close())

  test("an outage that is over is told, with its end, in one message in the account's own chat", async () => {
    /** What Baileys has sent, as far as the server has acknowledged it. */
    const sent: string[] = []
    const gateway = await world.gateway({
      notify: selfMessage(),
      connect: (given) => {
        const socket = world.socket(given)
        const send = socket.sendMessage
        socket.sendMessage = async (jid, content, options) => {
          const message = await send(jid, content, options)
          sent.push(`${jid} ${'text' in content ? content.text : ''}`)
          gateway.look()
          return message
        }
        return socket
      },
    })
    await gateway.up()
    gateway.notices.length = 0
    await world.server.unplug()
    await gateway.until(() => gateway.told.includes('outage'))
    await world.server.plug()
    const outage = () => gateway.notices.find(({ kind }) => kind === 'outage')?.message ?? '?'
    await gateway.until(() => sent.some((text) => text.includes(outage())))
    const [text, ...more] = sent.filter((one) => one.includes(outage()))
    expect(text).toMatch(
      /^491700000001@s\.whatsapp\.net \[default\]\n(?:.*\n)*.* Connected again after (?:\d+ s|less than a second)\.$/,
    )
    expect(more).toEqual([])
  })
})
