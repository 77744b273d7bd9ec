import { EventEmitter } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ArrivedMessages } from '../../src/baileys/arrived-messages.ts'
import { askWithKeys } from '../../src/baileys/first-question.ts'
import { giveSessionsTurns } from '../../src/baileys/session-turns.ts'
import { foreignSession } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { muteConsole } from '../rehearsal/fake-whatsapp/client.ts'
import { closedPort } from './lines.ts'
import { baileysLines, Correspondent, MemoryKeys, type Party, party } from './party.ts'

let url: string
const parties: Party[] = []
beforeAll(async () => {
  muteConsole()
  url = await closedPort()
})
afterAll(() => Promise.all(parties.map(({ socket }) => socket.end(undefined))))

describe.each(baileysLines)('$line', ({ line, baileys }) => {
  async function account(heals = true) {
    const mine = party(baileys, url, new MemoryKeys())
    parties.push(mine)
    const asked: unknown[] = []
    const socket = Object.assign(mine.socket, {
      requestPlaceholderResend: async (key: unknown) => {
        asked.push(key)
      },
    })
    giveSessionsTurns(socket)
    // Only what is decrypted here counts.
    ;(socket.ws as unknown as { removeAllListeners(event: string): void }).removeAllListeners('CB:message')
    askWithKeys(socket, new ArrivedMessages(socket.ws), {
      identity: () => mine.creds.signedIdentityKey.public,
      heals,
    })
    const friend = new Correspondent('4915100000007')
    await friend.meet(mine)
    let ids = 0
    /** A message arrives and is decrypted; resolves with whether Baileys still sees its ciphertext. */
    const hear = async (ciphertext: Uint8Array, type = 'msg', attrs: object = {}) => {
      const child = { tag: 'enc', attrs: { type }, content: ciphertext }
      const stanza = { attrs: { id: `A${++ids}`, from: friend.jid, ...attrs }, content: [child] as unknown }
      ;(socket.ws as unknown as { emit(event: string, node: unknown): void }).emit('CB:message', stanza)
      const decrypted =
        type === 'skmsg'
          ? mine.repository.decryptGroupMessage({ group: friend.jid, authorJid: friend.jid, msg: ciphertext })
          : mine.repository.decryptMessage({ jid: friend.jid, type, ciphertext })
      await decrypted.catch(() => undefined)
      return stanza.content !== undefined
    }
    const sealed = async () => (await friend.peer.encrypt('491700000001.1', Buffer.from('a text'))).body
    return { ...mine, asked, hear, sealed, address: friend.address }
  }

  test('a device is asked with keys once, and anew when a message of it has been read', async () => {
    const { hear, sealed, keys, address } = await account()
    expect(await hear(await sealed())).toBe(true)
    const whole = keys.stored.get(`session ${address}`)
    for (let round = 0; round < 2; round += 1) {
      keys.stored.set(`session ${address}`, await foreignSession())
      expect([await hear(await sealed()), await hear(await sealed())]).toEqual([false, true])
      keys.stored.set(`session ${address}`, whole)
      expect(await hear(await sealed())).toBe(true)
    }
  })

  test('a device is asked as by Baileys alone for what no new session would cure, and where nothing may be healed', async () => {
    const { hear, sealed } = await account()
    expect(await hear(await sealed(), 'of a new kind')).toBe(true)
    const observed = await account(false)
    observed.keys.stored.set(`session ${observed.address}`, await foreignSession())
    expect(await observed.hear(await observed.sealed())).toBe(true)
    expect(observed.asked).toEqual([])
  })

  test('of a message that comes again, a session that has read it is left', async () => {
    const { hear, sealed } = await account()
    const twice = await sealed()
    expect([await hear(twice), await hear(twice)]).toEqual([true, true])
  })

  test(
    line === 'v6' ? 'the phone is asked meanwhile' : 'the phone is asked as Baileys does, which waits for nothing',
    async () => {
      const { hear, sealed, keys, address, asked } = await account()
      keys.stored.delete(`session ${address}`)
      const group = { from: '120363000000000001@g.us', participant: '4915100000007@s.whatsapp.net' }
      await hear(await sealed())
      await hear(Buffer.from([1, 2]), 'skmsg', group)
      await hear(await sealed(), 'msg', { recipient: '4915100000008@s.whatsapp.net' })
      await hear(await sealed(), 'msg', { from: 'status@broadcast', participant: group.participant })
      await hear(await sealed(), 'msg', { from: group.from })
      const own = { remoteJid: '4915100000007@s.whatsapp.net', fromMe: false, id: 'A1' }
      const member = { remoteJid: group.from, fromMe: false, id: 'A2', participant: group.participant }
      expect(asked).toEqual(line === 'v6' ? [own, member] : [])
    },
  )
})

test('the phone is asked for 64 messages at a time, and for another as soon as it has answered one', async () => {
  const ws = new EventEmitter()
  const fails = () => Promise.reject(new Error('No session record'))
  const signalRepository = {
    ...{ encryptMessage: fails, injectE2ESession: fails, encryptGroupMessage: fails, decryptGroupMessage: fails },
    ...{ processSenderKeyDistributionMessage: fails, jidToSignalProtocolAddress: (jid: string) => jid },
    decryptMessage: (_: object): Promise<unknown> => fails(),
  }
  const answers: (() => void)[] = []
  const requestPlaceholderResend = () => new Promise<void>((resolve) => answers.push(resolve))
  const authState = { keys: { get: async () => ({}) } }
  const socket = { ws, signalRepository, requestPlaceholderResend, authState }
  askWithKeys(socket as never, new ArrivedMessages(ws), { identity: () => new Uint8Array(32), heals: true })
  const hear = async (at: number) => {
    const jid = `${at}@lid`
    const ciphertext = Buffer.from(jid)
    ws.emit('CB:message', { attrs: { id: jid, from: jid }, content: [{ tag: 'enc', content: ciphertext }] })
    await expect(signalRepository.decryptMessage({ jid, type: 'msg', ciphertext })).rejects.toThrow('No session record')
  }
  for (let at = 0; at < 66; at += 1) await hear(at)
  expect(answers).toHaveLength(64)
  answers[0]?.()
  await Promise.resolve()
  for (const at of [66, 67]) await hear(at)
  expect(answers).toHaveLength(65)
})
