import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('linking that WhatsApp does not let through, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `not let in ${name}` })
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  // WhiskeySockets/Baileys issues 2008 (429, a third of a second after the code was shown) and 1761 (400).
  test.for([
    [{ kind: 'code-refused', code: 429, backoff: 600 }, '(429)', 'Wait 10 minutes before you ask for another one'],
    [{ kind: 'code-refused', code: 429 }, '(429)', 'Wait an hour'],
    [{ kind: 'code-refused', code: 400 }, '(400)', 'Browsers.macOS'],
  ] as const)(
    'a pairing code that is refused with %j is never shown, the promise rejects and says what to do, and the other code stays',
    async ([fault, message, remediation]) => {
      const gateway = world.newcomer({ policy: { reconnect: { connectTimeoutMs: 20_000 } } })
      await gateway.start()
      await gateway.until(() => gateway.line.status.qr !== undefined)
      world.server.onNextLogin(fault)
      const shown: (string | undefined)[] = []
      gateway.line.on('status', ({ qr }) => shown.push(qr?.pairingCode))
      await expect(gateway.line.requestPairingCode(gateway.number)).rejects.toMatchObject({
        code: 'PAIRING_CODE_FAILED',
        message: expect.stringContaining(message),
        remediation: expect.stringContaining(remediation),
      })
      expect(shown.filter((code) => code !== undefined)).toEqual([])
      const { status } = gateway.line
      expect(status).toMatchObject({
        state: 'awaitingQr',
        message: expect.stringContaining('refused to give a pairing'),
      })
      expect(status.remediation).toContain('Or scan the code.')
      // Asked for once more, and given this time.
      const code = await gateway.line.requestPairingCode(gateway.number)
      expect(gateway.line.status.message).not.toContain('refused')
      expect(gateway.line.status.remediation).toContain('Link with phone number instead, and type the pairing code')
      expect(gateway.line.status.remediation).not.toContain('scan')
      await world.server.phone(gateway.number).enterPairingCode(code)
      await gateway.until('healthy')
      await gateway.line.stop()
    },
  )

  // WhiskeySockets/Baileys issues 2684, 2694 and 2737.
  test('an account that wants a passkey is told as scanned and not let in, how often, and nobody is told to link anew', async () => {
    const gateway = world.newcomer({}, undefined, '491700000071')
    world.server.onNextLogin({ kind: 'passkey-wanted' })
    await gateway.start()
    await gateway.until(() => gateway.codes.length > 0)
    for (let scan = 1; scan <= 3; scan += 1) {
      await expect(world.server.phone(gateway.number).scan(gateway.codes.at(-1)?.code ?? '')).rejects.toThrow('passkey')
      await gateway.until(() => gateway.line.status.message.includes(scan === 1 ? 'scanned;' : `scanned ${scan} times`))
    }
    const { message, remediation, userAction } = gateway.line.status
    expect(message).toContain('The code was scanned 3 times; WhatsApp did not let the new device in.')
    expect(remediation).toContain('passkey')
    expect(remediation).not.toMatch(/scan the code|relink|Link a device/)
    expect(userAction).toBe('update-client')
    const told = gateway.notices.filter(({ details }) => details.reason === 'not-let-in')
    expect(told.map(({ kind, details }) => [kind, details.scans])).toEqual([['relink-needed', 1]])
    expect(told[0]?.message).toContain('did not let the new device in')
    await gateway.line.stop()
  })

  // WhiskeySockets/Baileys issue 2381.
  test('a scanned device whose login is answered by 401 is told as not let in, and the next code can be scanned', async () => {
    const gateway = world.newcomer({}, undefined, '491700000072')
    await gateway.start()
    await gateway.until(() => gateway.codes.length > 0)
    world.server.onNextLogin(faults.loggedOut, { account: gateway.number })
    await world.scan(gateway)
    const { remediation } = await gateway.until(() =>
      gateway.line.status.message.includes('did not let the new device'),
    )
    expect(remediation).toContain('Linked devices')
    expect(gateway.notices.some(({ details }) => details.reason === 'not-let-in')).toBe(true)
    const codes = gateway.codes.length
    await gateway.until(() => gateway.codes.length > codes)
    await world.scan(gateway)
    await gateway.until('healthy')
    expect(gateway.line.status.message).toBe('Connected.')
    await gateway.line.stop()
  })

  test('a scanned device whose login is not answered at all is told as that, and linked once it is', async () => {
    const gateway = world.newcomer({ policy: { reconnect: { connectTimeoutMs: 1_500 } } }, undefined, '491700000073')
    await gateway.start()
    await gateway.until(() => gateway.codes.length > 0)
    world.server.onNextLogin({ kind: 'silence', at: 'login' }, { account: gateway.number })
    await world.scan(gateway)
    const { userAction } = await gateway.until(() =>
      gateway.line.status.message.includes('does not answer the new device'),
    )
    expect(userAction).toBe('wait')
    await gateway.until('healthy')
    await gateway.line.stop()
  })
})
