import { describe, expect, test } from 'vitest'
import { faults, startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn } from '../../share.ts'
import { Client, lines, muteConsole } from './client.ts'

const today = inTurn(lines, import.meta.url)

const NUMBER = '491700000001'

function sockets(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'))
}

describe.each(today)('the server itself, Baileys $line', ({ baileys }) => {
  test('nothing is left after stop, whatever its connections were doing', async () => {
    muteConsole()
    // Other tests of this worker may have left theirs to end by themselves.
    const before = sockets().length
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    const linked = await Client.on(server, baileys)
    await linked.link(NUMBER)
    const pairing = await Client.on(server, baileys)
    await pairing.connect()
    await pairing.until(() => pairing.qrs.length > 0)
    server.onNextLogin({ kind: 'silence', at: 'hello' })
    const unanswered = await Client.on(server, baileys)
    const silenced = server.next('fault')
    await unanswered.connect()
    await silenced
    const closed = [linked, pairing, unanswered].map((client) => client.closed())
    await server.stop()
    await Promise.all(closed)
    expect(server.connections).toEqual([])
    await new Promise((resolve) => setImmediate(resolve))
    expect(sockets().length).toBeLessThanOrEqual(before)
    for (const client of [linked, pairing, unanswered]) await client.remove()
  })

  test('a connection that was told to go is over at once, however long the client takes to leave: the next login replaces nobody', async () => {
    muteConsole()
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    const client = await Client.on(server, baileys)
    await client.link(NUMBER)
    const twin = await client.twin()
    const closed = client.closed()
    expect(server.now(faults.restartRequired, NUMBER)).toBe(1)
    expect(server.events.at(-1)).toMatchObject({ kind: 'closed', account: NUMBER })
    expect(server.now(faults.restartRequired, NUMBER)).toBe(0)
    await Promise.all([client.end(), twin.login(), closed])
    expect(server.events.filter(({ kind }) => kind === 'replaced')).toEqual([])
    expect(server.peak(NUMBER)).toBe(1)
    await Promise.all([client.remove(), twin.remove()])
    await server.stop()
  })

  test('two accounts on one server do not hear of each other’s faults', async () => {
    muteConsole()
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    const [one, two] = [await Client.on(server, baileys), await Client.on(server, baileys)]
    await one.link(NUMBER)
    await two.link('491700000002')
    const closed = one.closed()
    server.now(faults.replaced, server.phone(NUMBER))
    expect(await closed).toMatchObject({ code: 440 })
    await two.ping()
    server.onNextLogin(faults.unavailable, { account: '491700000002' })
    await one.login()
    await two.end()
    await two.connect()
    expect(await two.closed()).toMatchObject({ code: 503 })
    await Promise.all([one.remove(), two.remove()])
    await server.stop()
  })
})

test('the seed decides ids and addresses', async () => {
  const of = async (seed: number) => {
    const server = await startFakeWhatsApp({ seed })
    const { lid } = server.contact('anna')
    await server.stop()
    return lid
  }
  expect(await of(7)).toBe(await of(7))
  expect(await of(7)).not.toBe(await of(8))
})

test('a contact cannot write to an account that was never linked, and says what to do', async () => {
  const server = await startFakeWhatsApp()
  await expect(server.contact('anna').send(NUMBER, 'hello')).rejects.toThrow('Let the phone scan a code first')
  await server.stop()
})

test('a taken port is told at the start', async () => {
  const server = await startFakeWhatsApp()
  const port = Number(new URL(server.url).port)
  await expect(startFakeWhatsApp({ port })).rejects.toThrow('EADDRINUSE')
  await server.stop()
})
