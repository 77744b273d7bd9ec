import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeWhatsApp, startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn } from '../../share.ts'
import { Client, lines, muteConsole } from './client.ts'

const today = inTurn(lines, import.meta.url)

const NUMBER = '491700000001'

describe.each(today)('linking, Baileys $line', ({ baileys }) => {
  let server: FakeWhatsApp
  let client: Client

  beforeEach(async () => {
    muteConsole()
    server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    client = await Client.on(server, baileys)
  })

  afterEach(async () => {
    await client.remove()
    await server.stop()
  })

  test('a scanned code links the client, which is told to restart and then logs in', async () => {
    await client.connect()
    await client.until(() => client.qrs.length > 0)
    const closed = client.closed()
    const linked = await server.phone(NUMBER).scan(client.qrs[0] ?? '')
    expect(linked).toMatchObject({ jid: `${NUMBER}:1@s.whatsapp.net`, device: 1 })
    expect(await closed).toMatchObject({ message: 'Stream Errored (restart required)', code: 515 })
    await client.login()
    expect(client.sock?.authState.creds.me).toMatchObject({ id: linked.jid, lid: linked.lid })
    expect(server.logins(NUMBER)).toHaveLength(1)
    expect(server.phone(NUMBER).devices()).toEqual([linked])
  })

  test('a pairing code that is typed in on the phone links the client', async () => {
    await client.connect()
    await client.until(() => client.qrs.length > 0)
    const code = await client.sock?.requestPairingCode(NUMBER)
    const closed = client.closed()
    const dashed = `${code?.slice(0, 4)}-${code?.slice(4).toLowerCase()}`
    await server.phone(NUMBER).enterPairingCode(dashed)
    expect(await closed).toMatchObject({ code: 515 })
    await client.login()
    expect(client.sock?.user?.id).toBe(`${NUMBER}:1@s.whatsapp.net`)
  })

  test('a wrong pairing code is refused by the phone, and nothing is linked', async () => {
    await client.connect()
    await client.until(() => client.qrs.length > 0)
    await client.sock?.requestPairingCode(NUMBER)
    await expect(server.phone(NUMBER).enterPairingCode('WRONG123')).rejects.toThrow('not the one that the client shows')
    expect(server.phone(NUMBER).devices()).toEqual([])
  })

  test.each([
    [{ kind: 'code-refused', code: 429 }, { code: '429' }],
    [
      { kind: 'code-refused', code: 429, backoff: 60 },
      { code: '429', backoff: '60' },
    ],
  ] as const)('a pairing code is refused as %j says', async (fault, attrs) => {
    server.onNextLogin(fault)
    await client.connect()
    await client.until(() => client.qrs.length > 0)
    const errors: unknown[] = []
    client.sock?.ws.on('frame', (frame: { readonly content?: unknown }) => {
      const content = Array.isArray(frame.content) ? frame.content : []
      errors.push(...content.filter(({ tag }) => tag === 'error').map((error) => error.attrs))
    })
    await client.sock?.requestPairingCode(NUMBER).catch(() => undefined)
    await expect.poll(() => errors).toEqual([attrs])
  })

  test('a code that nobody shows any more is refused by the phone', async () => {
    await client.connect()
    await client.until(() => client.qrs.length > 0)
    const gone = server.next('closed')
    await client.end()
    await gone
    await expect(server.phone(NUMBER).scan(client.qrs[0] ?? '')).rejects.toThrow('No connected client shows this code')
  })

  test('the client uploads its pre-keys once, and again when the server has lost them', async () => {
    await client.remove()
    await server.stop()
    // One that has none, as after a true pairing.
    server = await startFakeWhatsApp()
    client = await Client.on(server, baileys)
    const first = server.next('pre-keys')
    await client.link(NUMBER)
    const uploaded = Number((await first).detail)
    expect(uploaded).toBeGreaterThanOrEqual(30)
    await client.end()
    await client.login()
    expect(server.events.filter(({ kind }) => kind === 'pre-keys')).toHaveLength(1)
    await client.end()
    server.onNextLogin({ kind: 'no-pre-keys' })
    await client.login()
    expect(server.events.filter(({ kind }) => kind === 'pre-keys').map(({ detail }) => Number(detail))).toEqual([
      uploaded,
      uploaded,
    ])
  })

  test('a client that is linked again is a new device, and the old credentials are refused once it is unlinked', async () => {
    await client.link(NUMBER)
    const closed = client.closed()
    server.phone(NUMBER).unlink()
    expect(await closed).toMatchObject({ message: 'Stream Errored (conflict)', code: 401 })
    await client.connect()
    expect(await client.closed()).toMatchObject({
      message: 'Connection Failure',
      code: 401,
      data: { reason: '401', location: 'frc' },
    })
    const again = await Client.on(server, baileys)
    await again.link(NUMBER)
    expect(again.sock?.user?.id).toBe(`${NUMBER}:2@s.whatsapp.net`)
    await again.remove()
  })

  test('credentials with another noise key are refused, whatever account they name', async () => {
    const linked = await client.link(NUMBER)
    const { state } = await baileys.useMultiFileAuthState(client.folder)
    const creds = { ...state.creds, noiseKey: baileys.initAuthCreds().noiseKey }
    const forger = await Client.on(server, baileys)
    await forger.connect({ auth: { creds, keys: state.keys } })
    expect(await forger.closed()).toMatchObject({ message: 'Connection Failure', code: 401 })
    await linked.ping()
    expect(linked.closes).toHaveLength(1)
    await forger.remove()
  })

  test('a client that logs out is no longer a device of the account', async () => {
    await client.link(NUMBER)
    const unlinked = server.next('unlinked')
    const closed = client.closed()
    await client.sock?.logout()
    expect(await closed).toMatchObject({ message: 'Intentional Logout', code: 401 })
    await unlinked
    expect(server.phone(NUMBER).devices()).toEqual([])
  })
})
