import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fc, test as property } from '@fast-check/vitest'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../../line/gateway.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

/** Of every kind that JSON has, in and out of the range of a counter. */
const faults: readonly unknown[] = [null, undefined, '', 'x', '40', 0, -1, 1.5, 2 ** 40, true, [], {}, [1], { a: 1 }]
/** Whatever else a field is, it may be gone, or be something else. */
const fields = [
  ...['noiseKey', 'signedIdentityKey', 'signedPreKey', 'registrationId', 'advSecretKey', 'me', 'account'],
  ...['nextPreKeyId', 'firstUnuploadedPreKeyId', 'routingInfo', 'accountSyncCounter', 'lastAccountSyncTimestamp'],
  ...['processedHistoryMessages', 'accountSettings', 'signalIdentities', 'myAppStateKeyId', 'lastPropHash'],
  ...['pairingCode', 'pairingEphemeralKeyPair', 'registered', 'platform'],
  // Inside of them.
  ...['me.id', 'me.lid', 'me.name', 'account.details', 'account.accountSignature', 'signedPreKey.keyId'],
  ...['signedPreKey.signature', 'signedPreKey.keyPair', 'signalIdentities.0', 'processedHistoryMessages.0'],
  ...['accountSettings.unarchiveChats', 'accountSettings.defaultDisappearingMode', 'noiseKey.private'],
]

/** The same creds with another value there. */
function withValue(creds: Readonly<Record<string, unknown>>, path: string, value: unknown): Record<string, unknown> {
  const [field = '', inner] = path.split('.')
  if (inner === undefined) return { ...creds, [field]: value }
  const held = creds[field]
  return { ...creds, [field]: Array.isArray(held) ? [value] : { ...Object(held), [inner]: value } }
}

// The project's own trials in November 2026: a process that died at each start, and a code for a linked account.
describe.each(today)('with $name, creds.json that can be parsed', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `broken creds ${name}` })
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  /**
   * A gateway that ran here before, so that a good generation lies there, on creds with other values in some fields.
   */
  async function on(field: string, value: unknown): Promise<Gateway> {
    const folder = await world.linkedFolder()
    const path = join(folder, 'creds.json')
    await writeFile(path, JSON.stringify(withValue(JSON.parse(await readFile(path, 'utf8')), field, value)))
    return world.newcomer({}, folder)
  }

  let friends = 0
  property.prop([fc.constantFrom(...fields), fc.constantFrom(...faults)], { numRuns: 12 })(
    'and breaks Baileys is mended or replaced by its last good copy: connected without a code, to be written to and from',
    async (field, fault) => {
      const gateway = await (await on(field, fault)).up()
      expect([gateway.path.includes('awaitingQr'), gateway.codes]).toEqual([false, []])
      await world.chat(gateway, world.server.contact(`friend ${++friends}`))
      await gateway.line.stop()
    },
  )

  test.each([
    ['me', { id: '491700000001@s.whatsapp.net' }, 'credentials-restored'],
    ['me', { id: 'undefined:1@s.whatsapp.net' }, 'credentials-restored'],
    ['account', {}, 'credentials-restored'],
    ['firstUnuploadedPreKeyId', null, 'credentials-mended'],
    ['routingInfo', 'CAIIAw==', 'credentials-mended'],
  ])('with %s as %j comes back, and what was done is told', async (field, fault, told) => {
    const gateway = await (await on(field, fault)).up()
    const said = gateway.line.history().flatMap((entry) => {
      if (entry.type === 'act') return [entry.act]
      return entry.type === 'notice' ? [entry.kind] : []
    })
    expect(said).toContain(told)
    expect(gateway.codes).toEqual([])
  })
})

test('Baileys 6 alone ends in an error of its own on a counter that is null', async () => {
  const [, six] = lines
  const world = await World.open(six?.baileys, { seed: 'alone' })
  const folder = await world.linkedFolder()
  const { state } = await world.baileys.useMultiFileAuthState(folder)
  Object.assign(state.creds, { firstUnuploadedPreKeyId: null })
  const { getNextPreKeys } = world.baileys
  await expect(getNextPreKeys(state, 5)).rejects.toThrow(TypeError)
  await world.close()
})
