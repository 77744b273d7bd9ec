import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { DecryptFailure } from '../../machines/decrypt.ts'
import { type DecryptSuccess, watchDecryption } from '../../src/baileys/decrypt-watch.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'

// What becomes of what a socket says, without one; that Baileys says it is seen in decrypt-watch.test.ts.

/** A socket on which happens what the test says; `mapping` are the LIDs that are known of numbers. */
function watched(line: 'v6' | 'v7', mapping: Readonly<Record<string, string>> = {}) {
  const [ev, ws] = [new EventEmitter(), new EventEmitter()]
  const asked: string[] = []
  const get = async (_: string, [user = '']: string[]) => {
    asked.push(user)
    return mapping
  }
  const failures: DecryptFailure[] = []
  const successes: DecryptSuccess[] = []
  let awaited = true
  const signalRepository = line === 'v7' ? { lidMapping: {} } : {}
  const watch = watchDecryption(
    { ev, ws, authState: { keys: { get } }, signalRepository } as unknown as BaileysSocket,
    {
      awaitsSuccess: () => awaited,
      onFailure: (failure) => failures.push(failure),
      onSuccess: (success) => successes.push(success),
    },
  )
  return {
    watch,
    asked,
    awaits: (now: boolean) => {
      awaited = now
    },
    listening: () => [...ev.eventNames(), ...ws.eventNames()],
    failures,
    successes,
    arrives: (attrs: Record<string, string>, ...types: readonly string[]) =>
      ws.emit('CB:message', { attrs, content: types.map((type) => ({ tag: 'enc', attrs: { type } })) }),
    reads: (key: object) => ev.emit('messages.upsert', { messages: [{ key }] }),
    cannotRead: (key: object, text: string) =>
      ev.emit('messages.upsert', { messages: [{ key, messageStubType: 2, messageStubParameters: [text] }] }),
    says: (id: string, text: string, senderKey = false) => watch.line({ type: 'decrypt-failed', id, text, senderKey }),
  }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
const number = '4917:2@s.whatsapp.net'
const group = '120363000000000001@g.us'

describe.each(['v6', 'v7'] as const)('on a socket of %s', (line) => {
  const lid = line === 'v7' ? '77_1.2' : '77.2'

  test.each<[string, readonly string[], string, string]>([
    ['a broken file', ['msg'], 'Unexpected token x in JSON', 'poison'],
    ['a broken file of a group', ['skmsg'], 'Unexpected token x in JSON', 'sender-key'],
    ['a broken file of which nobody knows whose', ['skmsg', 'msg'], 'Unexpected token x in JSON', 'poison'],
    ['a key of a group that is too far ahead', ['skmsg'], 'Over 2000 messages into the future!', 'sender-key'],
    ['a key of a contact that is too far ahead', ['msg'], 'Over 2000 messages into the future!', 'unknown'],
    ['nothing to decrypt', [], 'Message absent from node', 'absent'],
  ])('a message fails by %s', (_, types, text, reason) => {
    const { arrives, cannotRead, failures, watch, asked } = watched(line)
    arrives({ id: 'A', from: group, participant: '77:2@lid' }, ...types)
    cannotRead({ id: 'A', remoteJid: group, participant: '77@lid' }, text)
    expect(failures).toEqual([{ id: 'A', address: lid, reason, peer: false, group }])
    // The mapping of numbers has nothing to say of a LID.
    expect(asked).toEqual([])
    watch.stop()
  })

  test('the log tells at once what lies in a session, and nothing of a group', () => {
    const { arrives, says, failures, watch } = watched(line)
    for (const id of ['A', 'B', 'C']) arrives({ id, from: '77:2@lid' }, 'pkmsg', 'skmsg')
    says('A', 'Unexpected token x in JSON', true)
    says('B', 'Message absent from node')
    expect(failures).toEqual([])
    says('C', 'Unexpected token x in JSON')
    expect(failures).toEqual([{ id: 'C', address: lid, reason: 'poison', peer: false }])
    watch.stop()
  })

  test('the stub that follows the log is no failure of its own', () => {
    const { arrives, says, cannotRead, failures, watch } = watched(line)
    arrives({ id: 'A', from: '77:2@lid' }, 'msg')
    says('A', 'No session record')
    cannotRead({ id: 'A', remoteJid: '77@lid' }, 'Bad MAC')
    expect(failures.map(({ reason }) => reason)).toEqual(['no-session'])
    watch.stop()
  })

  test('the log tells again of a message whose reason is another one by now, and of no other', () => {
    const { arrives, says, failures, watch } = watched(line)
    arrives({ id: 'A', from: '77:2@lid' }, 'msg')
    for (const text of ['No session record', 'Unexpected token x in JSON', 'Unexpected token y in JSON'])
      says('A', text)
    expect(failures.map(({ reason }) => reason)).toEqual(['no-session', 'poison'])
    watch.stop()
  })

  test('a failure has the reason that libsignal has given since its message came, and not before', async () => {
    const { arrives, cannotRead, failures, watch } = watched(line)
    const usedUp = async () => {
      console.error('Session error:Error: Key used already or never filled', 'no stack')
      await Promise.resolve()
    }
    arrives({ id: 'A', from: '77:2@lid' }, 'msg')
    await usedUp()
    cannotRead({ id: 'A', remoteJid: '77@lid' }, 'No matching sessions found for message')
    await usedUp()
    arrives({ id: 'B', from: '77:2@lid' }, 'msg')
    cannotRead({ id: 'B', remoteJid: '77@lid' }, 'No matching sessions found for message')
    expect(failures.map(({ reason }) => reason)).toEqual(['duplicate', 'bad-session'])
    watch.stop()
  })

  test('what is read is told to nobody while nobody waits for it, and nothing after the end', () => {
    const { arrives, reads, successes, watch, awaits, listening } = watched(line)
    arrives({ id: 'A', from: '77:2@lid' }, 'msg')
    awaits(false)
    reads({ id: 'A', remoteJid: '77@lid' })
    awaits(true)
    arrives({ id: 'B', from: '77:2@lid' }, 'msg')
    watch.stop()
    reads({ id: 'B', remoteJid: '77@lid' })
    expect([successes, listening()]).toEqual([[], []])
  })

  test('what version 7 does not ask the own phone for again is marked there alone', () => {
    const { arrives, cannotRead, failures, watch } = watched(line)
    for (const [id, attrs] of [
      ['A', { category: 'peer' }],
      ['B', {}],
    ] as const) {
      arrives({ id, from: '77:2@lid', ...attrs }, 'msg')
      cannotRead({ id, remoteJid: '77@lid' }, 'No session record')
    }
    expect(failures.map(({ peer }) => peer)).toEqual([line === 'v7', false])
    watch.stop()
  })

  test('a message that is read is told once, under each name of its device; one that held no ciphertext never', () => {
    const { arrives, reads, successes, watch } = watched(line)
    const attrs = { from: number, sender_lid: '77@lid' }
    arrives({ id: 'A', ...attrs }, 'skmsg')
    arrives({ id: 'B', ...attrs }, 'skmsg', 'pkmsg')
    arrives({ id: 'C', ...attrs })
    expect(watch.alt(number)).toBe('77@lid')
    for (const id of ['C', 'A', 'B', 'B', 'unseen']) reads({ id, remoteJid: '4917@s.whatsapp.net' })
    expect(successes).toEqual([
      { id: 'A', address: '4917.2', aliases: [lid], session: false },
      { id: 'B', address: '4917.2', aliases: [lid], session: true },
    ])
    watch.stop()
  })

  test('of a sender whose newest message was read nothing more is known by it', () => {
    const { arrives, reads, watch } = watched(line)
    arrives({ id: 'A', from: number, sender_lid: '77@lid' }, 'msg')
    reads({ id: 'A', remoteJid: '4917@s.whatsapp.net' })
    expect(watch.alt(number)).toBeUndefined()
    watch.stop()
  })

  test('what the own phone wrote to somebody is known by its id, whatever jids stand beside that', () => {
    const { arrives, reads, successes, watch } = watched(line)
    arrives({ id: 'A', from: '77@lid' }, 'msg')
    arrives({ id: 'B', from: '77@lid' }, 'msg')
    reads({ id: 'A', fromMe: true, remoteJid: '4915@s.whatsapp.net', participant: '4916@s.whatsapp.net' })
    reads({ id: 'B', fromMe: false, remoteJid: '4915@s.whatsapp.net', participant: '4916@s.whatsapp.net' })
    expect(successes.map(({ id }) => id)).toEqual(['A'])
    watch.stop()
  })

  test('where the stanza is not known the member counts, or the chat if there is none; it is not asked for by it', () => {
    const { arrives, reads, cannotRead, failures, successes, watch } = watched(line)
    cannotRead({ id: 'A', remoteJid: group, participant: '77@lid' }, 'No session record')
    cannotRead({ id: 'B', remoteJid: '78@lid', participant: '' }, 'No session record')
    const [first, other] = line === 'v7' ? ['77_1.0', '78_1.0'] : ['77.0', '78.0']
    expect(failures.map(({ id, address }) => [id, address])).toEqual([
      ['A', first],
      ['B', other],
    ])
    expect(watch.unread(String(first))).toBeUndefined()
    // It is told as what had failed, once its device is known.
    arrives({ id: 'A', from: group, participant: '77:2@lid' }, 'msg')
    reads({ id: 'A', remoteJid: group, participant: '77@lid' })
    expect(successes).toEqual([{ id: 'A', address: first, aliases: [lid], session: true }])
    watch.stop()
  })
})

describe('a number whose LID is known', () => {
  test('is looked up once, and is one device with its LID from then on', async () => {
    const { arrives, says, reads, asked, failures, successes, watch } = watched('v7', { 4917: '77' })
    for (const id of ['A', 'B', 'C']) arrives({ id, from: number }, 'msg')
    says('A', 'No session record')
    expect(failures).toEqual([])
    await settled()
    says('B', 'No session record')
    expect(failures).toEqual(['A', 'B'].map((id) => ({ id, address: '77_1.2', reason: 'no-session', peer: false })))
    expect(asked).toEqual(['4917'])
    reads({ id: 'C', remoteJid: '4917@s.whatsapp.net' })
    expect(successes).toEqual([{ id: 'C', address: '77_1.2', aliases: ['4917.2'], session: true }])
    expect(watch.unread('77_1.2')).toEqual({ tag: 'message', attrs: { id: 'B', from: number } })
    watch.stop()
  })

  test('has failed for nobody once the watch has ended', async () => {
    const { arrives, says, failures, watch } = watched('v7', { 4917: '77' })
    for (const id of ['A', 'B']) arrives({ id, from: number }, 'msg')
    says('A', 'No session record')
    watch.stop()
    says('B', 'No session record')
    await settled()
    expect(failures).toEqual([])
  })
})
