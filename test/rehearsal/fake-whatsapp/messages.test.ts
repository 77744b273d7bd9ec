import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeWhatsApp, startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn } from '../../share.ts'
import { Client, lines, muteConsole } from './client.ts'

const today = inTurn(lines, import.meta.url)

const NUMBER = '491700000001'

describe.each(today)('messages, Baileys $line', ({ line, baileys }) => {
  let server: FakeWhatsApp
  let client: Client

  beforeEach(async () => {
    muteConsole()
    server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    client = await Client.on(server, baileys)
    await client.link(NUMBER)
  })

  afterEach(async () => {
    await client.remove()
    await server.stop()
  })

  test('a contact begins with pkmsg and goes on with msg once it was answered, and each reads the other', async () => {
    const anna = server.contact('anna')
    const first = await anna.send(NUMBER, 'one')
    await first.delivered()
    const second = await anna.send(NUMBER, 'two')
    await second.delivered()
    expect([first.types, second.types]).toEqual([['pkmsg'], ['pkmsg']])
    const answer = anna.nextReceived()
    await client.sock?.sendMessage(anna.jid, { text: 'three' })
    expect(await answer).toBe('three')
    const fourth = await anna.send(NUMBER, 'four')
    await fourth.delivered()
    expect(fourth.types).toEqual(['msg'])
    for (const text of ['five', 'six']) {
      const next = anna.nextReceived()
      await client.sock?.sendMessage(anna.jid, { text })
      await next
      await (await anna.send(NUMBER, `re: ${text}`)).delivered()
    }
    expect(client.texts).toEqual(['one', 'two', 'four', 're: five', 're: six'])
    expect(anna.received).toEqual(['three', 'five', 'six'])
    expect(client.stubs).toEqual([])
    expect(first).toMatchObject({ sent: 1, receipts: ['inactive'], retries: [], nacks: [] })
  })

  test('the account may write first, and its phone gets a copy', async () => {
    const anna = server.contact('anna')
    const next = anna.nextReceived()
    await client.sock?.sendMessage(anna.jid, { text: 'hello' })
    expect(await next).toBe('hello')
    expect(server.phone(NUMBER).copies).toEqual(['hello'])
    await (await anna.send(NUMBER, 'hello yourself')).delivered()
    expect(client.texts).toEqual(['hello yourself'])
  })

  test('a contact that writes under its LID is read, and reads', async () => {
    const anna = server.contact('anna', { addressing: 'lid' })
    await (await anna.send(NUMBER, 'from a LID')).delivered()
    const next = anna.nextReceived()
    await client.sock?.sendMessage(anna.lid ?? '', { text: 'to a LID' })
    expect(await next).toBe('to a LID')
    await (await anna.send(NUMBER, 'again')).delivered()
    expect(client.texts).toEqual(['from a LID', 'again'])
  })

  /**
   * Version 6 puts what it decrypts of a backlog into its event buffer after the flush that belongs to it, and hands it
   * out with the next stanza that comes live.
   */
  async function stir(): Promise<void> {
    await (await server.contact('stirrer').send(NUMBER, 'live')).delivered()
    await client.until(() => client.texts.includes('live'))
  }

  test('what is sent while the client is away waits, comes at login, and comes once', async () => {
    const [anna, bert] = [server.contact('anna'), server.contact('bert')]
    await client.leave()
    const sent = [await anna.send(NUMBER, 'a1'), await bert.send(NUMBER, 'b1'), await anna.send(NUMBER, 'a2')]
    expect(sent.map((message) => message.sent)).toEqual([0, 0, 0])
    const online = server.next('online')
    await client.login()
    expect((await online).detail).toBe('3')
    await Promise.all(sent.map((message) => message.delivered()))
    await stir()
    expect([...client.texts].sort()).toEqual(['a1', 'a2', 'b1', 'live'])
    if (line === 'v7') expect(client.types).toEqual(['append', 'append', 'append', 'notify'])
    await client.leave()
    const again = server.next('online')
    await client.login()
    expect((await again).detail).toBe('0')
    expect(sent.map((message) => message.sent)).toEqual([1, 1, 1])
  })

  test('a deaf connection answers pings and delivers nothing; the next one delivers', async () => {
    const anna = server.contact('anna')
    await client.leave()
    server.onNextLogin({ kind: 'deaf' })
    const early = await anna.send(NUMBER, 'anybody?')
    await client.login()
    const message = await anna.send(NUMBER, 'hello?')
    await client.ping()
    expect([early.sent, message.sent]).toEqual([0, 0])
    await client.leave()
    await client.login()
    await message.delivered()
    await stir()
    expect(client.texts).toEqual(['anybody?', 'hello?', 'live'])
    server.now({ kind: 'deaf' }, NUMBER)
    const unheard = await anna.send(NUMBER, 'still there?')
    await client.ping()
    expect(unheard.sent).toBe(0)
  })

  test('a half-open connection answers nothing, and stays up', async () => {
    server.now({ kind: 'half-open' }, NUMBER)
    const unheard = await server.contact('anna').send(NUMBER, 'hello?')
    const ping = { tag: 'iq', attrs: { to: 's.whatsapp.net', type: 'get', xmlns: 'w:p' } }
    const answer = await client.sock?.query(ping, 200).catch((error: Error) => error.message)
    expect(answer ?? 'Timed Out').toBe('Timed Out')
    expect(client.closes).toHaveLength(1)
    expect([client.texts, unheard.receipts]).toEqual([[], []])
    server.now({ kind: 'reset', at: 'login' }, NUMBER)
    expect(await client.closed()).toMatchObject({ code: 428 })
  })
})
