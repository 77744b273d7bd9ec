import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { ArrivedMessages } from '../../src/baileys/arrived-messages.ts'
import { DecryptedMessages } from '../../src/baileys/decrypted-messages.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { tellOnce } from '../../src/baileys/tell-once.ts'

const usedUp = 'Key used already or never filled'

/** A socket whose decryptions and stanzas are the test's; `decrypts` says what becomes of one. */
function socketWith(decrypts: () => Promise<unknown>) {
  const operation = async () => undefined
  const signalRepository = {
    ...{ encryptMessage: operation, injectE2ESession: operation, encryptGroupMessage: operation },
    ...{ processSenderKeyDistributionMessage: operation, jidToSignalProtocolAddress: (jid: string) => jid },
    decryptMessage: (_: { readonly ciphertext: Uint8Array }) => decrypts(),
    decryptGroupMessage: operation,
  }
  const ws = Object.assign(new EventEmitter(), { isOpen: true })
  const ev = new EventEmitter()
  const socket = { ws, ev, signalRepository }
  const messages = new DecryptedMessages()
  const told: unknown[] = []
  tellOnce(socket as unknown as BaileysSocket, new ArrivedMessages(ws), messages)
  ev.on('messages.upsert', (data) => void told.push(data))
  return {
    ev,
    told,
    /** One whose stanza was not seen. */
    decrypts: () => signalRepository.decryptMessage({ ciphertext: Uint8Array.of(9) }),
    arrives(id: string) {
      const ciphertext = Uint8Array.of(1, 2, 3)
      ws.emit('CB:message', { attrs: { id }, content: [{ tag: 'enc', content: ciphertext }] })
      return signalRepository.decryptMessage({ ciphertext })
    },
    tells: (...ids: string[]) =>
      ev.emit('messages.upsert', { type: 'notify', messages: ids.map((id) => ({ key: { id } })) }),
  }
}

test('a message that comes again after it was told is told to nobody a second time, and those beside it are', async () => {
  const { arrives, tells, told } = socketWith(async () => Uint8Array.of(7))
  expect(await arrives('one')).toEqual(Uint8Array.of(7))
  tells('one')
  expect(await arrives('one')).toEqual(Uint8Array.of(7))
  tells('one')
  expect(told).toHaveLength(1)
  await arrives('one')
  tells('one', 'two')
  expect(told.at(-1)).toEqual({ type: 'notify', messages: [{ key: { id: 'two' } }] })
})

test('a message that comes again before anybody was told of it is told', async () => {
  const { arrives, tells, told } = socketWith(async () => Uint8Array.of(7))
  await arrives('one')
  await arrives('one')
  tells('one')
  expect(told).toEqual([{ type: 'notify', messages: [{ key: { id: 'one' } }] }])
})

test('one whose key is used up is asked for again if nobody was told of it, and refused as before if somebody was', async () => {
  const error = new Error(usedUp)
  const { arrives, tells } = socketWith(() => Promise.reject(error))
  const again = await arrives('one').catch((thrown: Error) => thrown)
  expect(again).toMatchObject({ message: expect.stringContaining('asked for again'), cause: error })
  tells('one')
  await expect(arrives('one')).rejects.toBe(error)
})

test('a message that could not be read was told to nobody', async () => {
  const { arrives, ev } = socketWith(() => Promise.reject(new Error(usedUp)))
  ev.emit('messages.upsert', { messages: [{ key: { id: 'one' }, messageStubType: 2 }] })
  await expect(arrives('one')).rejects.toThrow('asked for again')
})

test('what nobody can tell of goes through as it came: other events, messages that are new, and ciphertexts of nobody', async () => {
  const { arrives, tells, decrypts, ev, told } = socketWith(async () => Uint8Array.of(7))
  await arrives('one')
  tells('one')
  await arrives('one')
  const others: unknown[] = []
  ev.on('messaging-history.set', (data) => others.push(data))
  const history = { messages: [{ key: { id: 'one' } }] }
  ev.emit('messaging-history.set', history)
  expect(others).toEqual([history])
  for (const data of [{ messages: [{ key: { id: 'two' } }, { key: { id: 3 } }, null] }, {}]) {
    ev.emit('messages.upsert', data)
    expect(told.at(-1)).toBe(data)
  }
  expect(await decrypts()).toEqual(Uint8Array.of(7))
  const failing = socketWith(() => Promise.reject(new Error(usedUp)))
  await expect(failing.decrypts()).rejects.toThrow(new Error(usedUp))
})

test('what else a decryption fails with stays what it is', async () => {
  const error = new Error('Bad MAC')
  const { arrives } = socketWith(() => Promise.reject(error))
  await expect(arrives('one')).rejects.toBe(error)
})
