import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { giveSessionsTurns, SessionTurns } from '../../src/baileys/session-turns.ts'
import { SessionWork, senderKeyRecord, sessionRecord } from '../../src/baileys/session-work.ts'
import { signalAddress } from '../../src/baileys/signal-address.ts'
import type { KeyData } from '../../src/baileys/socket.ts'
import { signalBundle } from '../../src/rehearsal/fake-whatsapp/bundle.ts'
import { closedPort } from './lines.ts'
import { baileysLines, Correspondent, encrypt, MemoryKeys, type Party, party, turnsOfTheLoop } from './party.ts'

let url: string
const parties: Party[] = []
const quiet = { error: console.error, warn: console.warn, info: console.info }
beforeAll(async () => {
  url = await closedPort()
  // libsignal prints sessions, keys and all, when one breaks.
  Object.assign(console, { error: () => undefined, warn: () => undefined, info: () => undefined })
})
afterAll(async () => {
  Object.assign(console, quiet)
  await Promise.all(parties.map(({ socket }) => socket.end(undefined)))
})

function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

describe.each(baileysLines)('$line', ({ line, baileys }) => {
  const account = (kind: 'alone' | 'in turns', keys = new MemoryKeys()) => {
    const made = party(baileys, url, keys)
    parties.push(made)
    if (kind === 'in turns') giveSessionsTurns(made.socket)
    return made
  }

  /**
   * Two contacts and the account write at once, again and again, on a store that takes its time: how much could not be
   * read.
   */
  async function conversation(kind: 'alone' | 'in turns', rounds = 30) {
    const mine = account(kind)
    const friends = ['4915100000001', '4915100000009'].map((number) => new Correspondent(number))
    for (const { jid } of friends) mine.keys.stored.set(`lid-mapping ${jid.split('@')[0]}`, `9${jid.split('@')[0]}`)
    for (const friend of friends) await friend.meet(mine)
    mine.keys.before = () => turnsOfTheLoop(5)
    const unread = { here: 0, there: 0 }
    for (let round = 0; round < rounds; round += 1) {
      const talks = friends.map(async (friend, at) => {
        const reading = turnsOfTheLoop((round + 4 * at) % 11).then(() => friend.write(mine, `in ${round}`))
        const sending = turnsOfTheLoop((round + 3 * at) % 7).then(() => encrypt(mine, friend.jid, `out ${round}`))
        if ((await reading.catch(() => 'lost')) !== `in ${round}`) unread.here += 1
        if ((await sending.then((sealed) => friend.read(sealed)).catch(() => 'lost')) !== `out ${round}`)
          unread.there += 1
      })
      await Promise.all(talks)
    }
    return unread
  }

  test('an answer that is sealed while a message of the same contact is read breaks nothing; alone it does', async () => {
    expect(await conversation('in turns')).toEqual({ here: 0, there: 0 })
    const alone = await conversation('alone')
    expect(alone.here + alone.there).toBeGreaterThan(0)
  })

  test('a session is stored before what was sealed with it can leave, and what was set beside a commit stays', async () => {
    const mine = account('in turns')
    const friend = new Correspondent('4915100000002')
    await friend.meet(mine)
    const before = JSON.stringify(mine.keys.stored.get(`session ${friend.address}`))
    await mine.socket.authState.keys.transaction?.(async () => {
      await mine.repository.encryptMessage({ jid: friend.jid, data: Buffer.from('x') } as never)
      expect(JSON.stringify(mine.keys.stored.get(`session ${friend.address}`))).not.toBe(before)
    }, 'me')

    const slow = gate()
    mine.keys.before = () => slow.opened
    const first = mine.socket.authState.keys.transaction?.(async () => {
      await Promise.all([mine.socket.authState.keys.set({ 'sender-key-memory': { one: { a: true } } })])
    }, 'me')
    await turnsOfTheLoop(3)
    const second = mine.socket.authState.keys.transaction?.(async () => {
      await Promise.all([mine.socket.authState.keys.set({ 'sender-key-memory': { two: { b: true } } })])
    }, 'other')
    await turnsOfTheLoop(3)
    slow.open()
    await Promise.all([first, second])
    expect(mine.keys.stored.get('sender-key-memory one')).toEqual({ a: true })
    expect(mine.keys.stored.get('sender-key-memory two')).toEqual({ b: true })
  })

  test('a number and its LID lead to one session, whatever the message comes under', async () => {
    const mine = account('in turns')
    const friend = new Correspondent('4915100000007')
    mine.keys.stored.set('lid-mapping 4915100000007', '2007')
    await friend.meet(mine)
    mine.keys.before = () => turnsOfTheLoop(4)
    const underLid = { jid: line === 'v7' ? '2007@lid' : friend.jid }
    for (const round of [1, 2, 3, 4]) {
      const reading = friend.write(mine, `in ${round}`, underLid.jid)
      await turnsOfTheLoop(round)
      const sealed = encrypt(mine, friend.jid, `out ${round}`)
      expect(await reading).toBe(`in ${round}`)
      expect(await friend.read(await sealed)).toBe(`out ${round}`)
    }
    const sessions = [...mine.keys.stored.keys()].filter((name) => name.startsWith('session'))
    expect(sessions).toEqual([line === 'v7' ? 'session 2007_1.0' : `session ${friend.address}`])
  })

  test('what an operation changes is one transaction in version 7, by the name of the record, and none in 6', async () => {
    const mine = account('alone')
    const friend = new Correspondent('4915100000013')
    const { keys } = mine.socket.authState
    const { transaction } = keys
    const asked: string[] = []
    keys.transaction = (work, key) => {
      asked.push(key)
      return transaction?.call(keys, work, key) as never
    }
    giveSessionsTurns(mine.socket)
    await friend.meet(mine)
    asked.length = 0
    expect(await friend.read(await encrypt(mine, friend.jid, 'a word'))).toBe('a word')
    expect(asked.filter((key) => key.startsWith('session '))).toEqual(
      line === 'v7' ? [`session ${friend.address}`] : [],
    )
  })

  test('transactions within transactions do not wait for each other', async () => {
    const { keys } = account('in turns').socket.authState
    const inner = () => keys.transaction?.(async () => keys.get('app-state-sync-version', ['critical']), 'me')
    expect(await keys.transaction?.(async () => inner(), 'me')).toEqual({})
  })

  test('what is asked of the server for one contact holds up the reading of nobody, not even of that contact', async () => {
    const mine = account('in turns')
    const [one, two] = [new Correspondent('4915100000003'), new Correspondent('4915100000004')]
    await one.meet(mine)
    await two.meet(mine)
    const answer = gate()
    const sending = mine.socket.authState.keys.transaction?.(async () => {
      await answer.opened
      return encrypt(mine, one.jid, 'at last')
    }, 'me')
    expect(await two.write(mine, 'meanwhile')).toBe('meanwhile')
    expect(await one.write(mine, 'me too')).toBe('me too')
    answer.open()
    expect(await one.read((await sending) as never)).toBe('at last')
  })

  test('a session is forgotten when nobody is at work on it', async () => {
    const mine = account('in turns')
    const friend = new Correspondent('4915100000005')
    await friend.meet(mine)
    const slow = gate()
    const order: string[] = []
    mine.keys.before = async ({ session }) => {
      const [value] = Object.values(session ?? {})
      order.push(value === null ? 'forgets' : 'stores')
      if (value !== null) await slow.opened
    }
    const reading = friend.write(mine, 'in the middle')
    await turnsOfTheLoop(10)
    const forgetting = Promise.resolve(mine.socket.authState.keys.set({ session: { [friend.address]: null } }))
    await turnsOfTheLoop(10)
    expect(order).toEqual(['stores'])
    slow.open()
    expect(await reading).toBe('in the middle')
    await forgetting
    expect(order).toEqual(['stores', 'forgets'])
    expect(mine.keys.stored.has(`session ${friend.address}`)).toBe(false)
  })

  test('the cure forgets a session after what comes first, and leaves it if that says no', async () => {
    const mine = account('alone')
    const turns = giveSessionsTurns(mine.socket)
    const friend = new Correspondent('4915100000008')
    await friend.meet(mine)
    expect(await turns?.forget([friend.address], async () => false)).toBe(false)
    expect(mine.keys.stored.has(`session ${friend.address}`)).toBe(true)
    let reading: Promise<string> | undefined
    const first = async () => {
      reading = friend.write(mine, 'too late')
      await turnsOfTheLoop(10)
      return true
    }
    expect(await turns?.forget([friend.address], first)).toBe(true)
    await expect(reading).rejects.toThrow(/No session/)
  })

  test('a send that had found its session before the cure forgot it gets a new one, and goes out', async () => {
    const mine = party(baileys, url)
    parties.push(mine)
    const turns = giveSessionsTurns(mine.socket)
    const friend = new Correspondent('4915100000012')
    await friend.meet(mine)
    const renewed: string[] = []
    const assertSessions = async (jids: string[]) => {
      renewed.push(...jids)
      const session = signalBundle(friend.peer.bundle())
      for (const jid of jids) await mine.repository.injectE2ESession({ jid, session } as never)
      return true
    }
    Object.assign(mine.socket, { assertSessions })
    await turns?.forget([friend.address], async () => true)
    expect(await friend.read(await encrypt(mine, friend.jid, 'on its way'))).toBe('on its way')
    expect(renewed).toEqual([friend.jid])
    // Where none was ever forgotten, that there is none is Baileys' own to tell.
    const stranger = account('in turns')
    Object.assign(stranger.socket, { assertSessions })
    await expect(encrypt(stranger, friend.jid, 'to nobody')).rejects.toThrow('No sessions')
  })

  test('two accounts of one process that write with one contact each keep their own sessions', async () => {
    const accounts = [account('in turns'), account('in turns')]
    const friends = accounts.map(() => new Correspondent('4915100000006'))
    await Promise.all(accounts.map((each, at) => friends[at]?.meet(each)))
    for (const { keys } of accounts) keys.before = () => turnsOfTheLoop(3)
    const texts = await Promise.all(
      accounts.map(async (each, at) => {
        const [friend] = [friends[at] as Correspondent]
        const said = await Promise.all([1, 2, 3].map((n) => friend.write(each, `to ${at} ${n}`)))
        const sealed = await encrypt(each, friend.jid, `from ${at}`)
        return [...said, await friend.read(sealed)]
      }),
    )
    expect(texts).toEqual([0, 1].map((at) => [`to ${at} 1`, `to ${at} 2`, `to ${at} 3`, `from ${at}`]))
  })

  test('a few new pre-keys are stored before the transaction that tells them to somebody ends', async () => {
    const mine = account('in turns')
    const { keys } = mine.socket.authState
    await keys.transaction?.(async () => {
      await keys.set({ 'pre-key': { 7: { public: Buffer.of(1), private: Buffer.of(2) } } })
      expect(mine.keys.stored.has('pre-key 7')).toBe(true)
    }, 'me')
  })

  test('sends to a group at the same moment use one iteration of our sender key each', async () => {
    const mine = account('in turns')
    mine.keys.before = () => turnsOfTheLoop(3)
    const group = '120363000000000001@g.us'
    const meId = '491700000001:1@s.whatsapp.net'
    const send = () => mine.repository.encryptGroupMessage({ group, meId, data: Buffer.from('x') } as never)
    const sealed = (await Promise.all([send(), send(), send()])) as { readonly ciphertext: Uint8Array }[]
    const { SenderKeyMessage } = baileys as unknown as {
      readonly SenderKeyMessage?: new (...args: unknown[]) => { getIteration(): number }
    }
    const iterations = sealed.map(({ ciphertext }) => {
      return SenderKeyMessage
        ? new SenderKeyMessage(null, null, null, null, ciphertext).getIteration()
        : Buffer.from(ciphertext).toString('hex')
    })
    expect(new Set(iterations).size, line).toBe(3)
  })
})

test('a socket without transactions, or with a repository of another kind, is left as it is', () => {
  const keys = { get: async () => ({}), set: async () => undefined }
  expect(giveSessionsTurns({ authState: { keys } } as never)).toBeUndefined()
  const transaction = async <T>(work: () => Promise<T>) => work()
  const odd = { authState: { keys: { ...keys, transaction } }, signalRepository: { encryptMessage: () => undefined } }
  expect(giveSessionsTurns(odd as never)).toBeUndefined()
  expect(odd.authState.keys.set).toBe(keys.set)
  const [{ baileys }] = baileysLines
  const { socket } = party(baileys, url)
  parties.push({ socket } as Party)
  const { signalRepository } = socket
  expect(giveSessionsTurns({ authState: { keys }, signalRepository } as never)).toBeUndefined()
})

describe('turns over a repository that does nothing by itself', () => {
  const friend = '4915100000001@s.whatsapp.net'

  function turnsOver(
    parts: {
      devices?: unknown
      lid?: string | null
      renew?: () => Promise<unknown>
      encrypt?: () => Promise<unknown>
    } = {},
  ) {
    const did: string[] = []
    const written: KeyData[] = []
    const storing = { before: async () => undefined as unknown }
    const keys = {
      get: async (_: string, ids: string[]) => ({ [ids[0] ?? '']: parts.devices }),
      set: async (data: KeyData) => {
        await storing.before()
        written.push(data)
      },
    }
    const asked: string[] = []
    const lidMapping = {
      getLIDForPN: async (pn: string) => {
        asked.push(pn)
        return parts.lid ?? null
      },
    }
    const operation = async () => undefined
    const repository = {
      ...{ injectE2ESession: operation, encryptGroupMessage: operation, decryptGroupMessage: operation },
      processSenderKeyDistributionMessage: operation,
      encryptMessage: async (_: { readonly jid: string }) => parts.encrypt?.(),
      decryptMessage: async ({ work }: { readonly jid: string; readonly work?: () => Promise<unknown> }) => work?.(),
      jidToSignalProtocolAddress: (jid: string) => signalAddress(jid, 'v7'),
      getSenderKeyDistributionMessage: operation,
      deleteSession: operation,
      migrateSession: async (fromJid: string, toJid: string) => void did.push(`${fromJid} to ${toJid}`),
      lidMapping,
    }
    const renew = parts.renew ?? (async () => undefined)
    const work = new SessionWork()
    const [begun, ended] = [vi.spyOn(work, 'begin'), vi.spyOn(work, 'end')]
    const transaction = <T>(step: () => Promise<T>): Promise<T> => {
      did.push('a transaction')
      return step()
    }
    const turns = new SessionTurns(repository as never, { ...keys, transaction }, undefined, work, renew)
    return { turns, repository, lidMapping, did, written, asked, storing, begun, ended }
  }

  const group = '120363000000000001@g.us'
  const key = senderKeyRecord(group, '4915100000001.0')

  test.each<[string, object | readonly string[], readonly string[]]>([
    ['encryptMessage', { jid: friend }, ['session 2007_1.0']],
    ['decryptMessage', { jid: friend }, ['session 2007_1.0']],
    ['injectE2ESession', { jid: friend }, ['session 2007_1.0']],
    ['decryptMessage', { jid: '2008@lid' }, ['session 2008_1.0']],
    ['encryptGroupMessage', { group, meId: friend }, [key]],
    ['getSenderKeyDistributionMessage', { group, meId: friend }, [key]],
    ['decryptGroupMessage', { group, authorJid: friend }, [key]],
    ['processSenderKeyDistributionMessage', { item: { groupId: group }, authorJid: friend }, [key]],
    [
      'processSenderKeyDistributionMessage',
      { item: { groupId: null }, authorJid: friend },
      [senderKeyRecord('', '4915100000001.0')],
    ],
    ['deleteSession', [friend, '2008@lid'], ['session 4915100000001.0', 'session 2008_1.0']],
  ])(
    '%s with %j is at work on its records, and has done with them, without a transaction of version 7',
    async (name, given, records) => {
      const { repository, begun, ended, did, asked } = turnsOver({ lid: '2007@lid' })
      await Reflect.get(repository, name)(given)
      expect([begun.mock.calls, ended.mock.calls, did]).toEqual([[[records]], [[records]], []])
      // What is a LID already has none to be asked for.
      expect(asked).toEqual('jid' in given && given.jid === friend ? [friend] : [])
    },
  )

  test.each<[string, string, unknown]>([
    [friend, '2007@lid', undefined],
    [friend, '2007@lid', ['0', '3']],
    ['no jid', '2007@lid', ['0']],
    [friend, 'no jid', ['0']],
  ])('sessions of %s are moved to %s when nobody is at work on them; its devices: %j', async (from, to, devices) => {
    const { turns, repository, did } = turnsOver({ devices })
    const held = gate()
    const records = ['4915100000001.3', '2007_1.0', '2007_1.3'].map(sessionRecord)
    const holding = records.map((record) => turns.exchange([record], async () => void (await held.opened)))
    const moving = repository.migrateSession(from, to)
    await turnsOfTheLoop(3)
    const waits = from === friend && to === '2007@lid' && devices !== undefined
    expect(did).toEqual(waits ? [] : [`${from} to ${to}`])
    held.open()
    await Promise.all([...holding, moving])
    expect(did).toEqual([`${from} to ${to}`])
  })

  test.each(['2007@lid', null])(
    'the LID of a number, %s, is asked for once, and holds until its last operation',
    async (lid) => {
      const { repository, lidMapping, asked } = turnsOver({ lid })
      const [first, second] = [gate(), gate()]
      const seen: unknown[] = []
      const work = (until: ReturnType<typeof gate>) => async () => {
        seen.push(await lidMapping.getLIDForPN(friend))
        await until.opened
        seen.push(await lidMapping.getLIDForPN(friend))
      }
      const operate = (until: ReturnType<typeof gate>) => repository.decryptMessage({ jid: friend, work: work(until) })
      const one = operate(first)
      await turnsOfTheLoop(2)
      const other = operate(second)
      await turnsOfTheLoop(2)
      first.open()
      await one
      await turnsOfTheLoop(2)
      second.open()
      await other
      expect([seen, asked]).toEqual([Array(4).fill(lid), [friend]])
      await lidMapping.getLIDForPN(friend)
      expect(asked).toEqual([friend, friend])
    },
  )

  test('what was exchanged or forgotten is stored by then, and of nothing nothing is stored', async () => {
    const { turns, written, storing } = turnsOver()
    for (const change of [
      () => turns.exchange(['a'], async () => ({ session: { a: null } })),
      () => turns.forget(['a'], async () => true),
    ]) {
      const slow = gate()
      storing.before = () => slow.opened
      let over = false
      const changing = change().then((did) => {
        over = did
      })
      await turnsOfTheLoop(3)
      expect([over, written]).toEqual([false, []])
      slow.open()
      await changing
      expect([over, written.splice(0)]).toEqual([true, [{ session: { a: null } }]])
    }
    expect(await turns.exchange(['a'], async () => undefined)).toBe(false)
    expect([await turns.forget(['a'], async () => false), await turns.forget([], async () => true)]).toEqual([
      false,
      true,
    ])
    expect(written).toEqual([])
  })

  test('a send whose session was taken away waits for its new one; one that fails otherwise gets none', async () => {
    let error = 'No sessions'
    const renewed: string[] = []
    const { turns, repository } = turnsOver({
      encrypt: async () => {
        if (error !== '') throw new Error(error)
        return 'sealed'
      },
      renew: async () => {
        renewed.push(error)
        await turnsOfTheLoop(3)
        error = ''
      },
    })
    const send = () => repository.encryptMessage({ jid: friend })
    await turns.forget([], async () => true)
    await expect(send()).rejects.toThrow('No sessions')
    await turns.forget(['a'], async () => true)
    error = 'no space left'
    await expect(send()).rejects.toThrow('no space left')
    expect(renewed).toEqual([])
    error = 'No sessions'
    expect([await send(), renewed]).toEqual(['sealed', ['No sessions']])
  })
})

test.each<[string, Record<string, unknown>, boolean]>([
  ['64 new pre-keys', { 'pre-key': pairs(64) }, true],
  ['a supply for the server', { 'pre-key': pairs(65) }, false],
  ['a pre-key that is used up', { 'pre-key': { 7: null } }, false],
  ['new ones beside something else', { 'pre-key': pairs(1), tctoken: { a: {} } }, false],
])('in a transaction of version 7 %s reach the store at once, or when it ends', async (_, data, atOnce) => {
  const [{ baileys }] = baileysLines
  const mine = party(baileys, url)
  parties.push(mine)
  giveSessionsTurns(mine.socket)
  const written: unknown[] = []
  mine.keys.before = async (changes) => void written.push(changes)
  mine.keys.stored.set('pre-key 7', {})
  const { keys } = mine.socket.authState
  await keys.transaction?.(async () => {
    // What is not known in a transaction is not deleted in it.
    await keys.get('pre-key', ['7'])
    await keys.set(data as KeyData)
    expect(written).toEqual(atOnce ? [data] : [])
  }, 'me')
  expect(written).toEqual([data])
})

function pairs(count: number): Record<string, object> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [at + 1, { private: at }]))
}
