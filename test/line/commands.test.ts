import { describe, expect, test, vi } from 'vitest'
import type { LifelineError } from '../../src/errors/errors.ts'
import { gate } from '../gate.ts'
import { type ScriptedLine, scriptedLine } from './scripted-line.ts'
import { storeWith } from './stores.ts'

const phone = '4917012345678'
/** How a command ends; undefined while it goes on. */
function watched(promise: Promise<unknown>) {
  const seen: { ended?: unknown; error?: LifelineError } = {}
  promise.then(
    (value) => {
      seen.ended = value ?? 'well'
    },
    (error: LifelineError) => {
      seen.ended = error.code
      seen.error = error
    },
  )
  return seen
}

/** A line that needs a code, with its first one shown. */
async function unlinked(options: Parameters<typeof scriptedLine>[0] = {}): Promise<ScriptedLine> {
  const one = await scriptedLine({ linked: false, ...options })
  await one.line.start()
  await one.settled()
  one.socket.update({ qr: 'first' })
  await one.settled()
  return one
}

const answered = async (one: ScriptedLine) => {
  await one.settled()
  one.socket.ws.emit('CB:iq,,link_code_companion_reg')
  await one.settled()
}

describe('a pairing code', () => {
  test('is asked for over a socket of its own, with the digits of the phone and the characters of the owner', async () => {
    const one = await unlinked()
    const code = watched(one.line.requestPairingCode('+49 (0)170 12345678', 'LIFELINE'))
    await one.dialled()
    expect(one.sockets).toHaveLength(2)
    expect(code.ended).toBeUndefined()
    one.socket.update({ qr: 'second' })
    await answered(one)
    expect(one.socket.asked).toEqual([['pairing code', phone, 'LIFELINE']])
    expect(code.ended).toBe('LIFELINE')
    expect(one.line.status.qr).toMatchObject({ pairingCode: 'LIFELINE' })
  })

  test('that is on its way or shown is given again for the same phone and characters, and for no others', async () => {
    const one = await unlinked()
    const first = one.line.requestPairingCode(phone)
    expect(one.line.requestPairingCode(phone)).toBe(first)
    await one.dialled()
    one.socket.update({ qr: 'second' })
    await answered(one)
    expect(await first).toBe('ABCD1234')
    expect(one.line.requestPairingCode(phone)).toBe(first)
    const sockets = one.sockets.length
    const own = one.line.requestPairingCode(phone, 'LIFELINE')
    expect(own).not.toBe(first)
    const other = one.line.requestPairingCode('4917012345679')
    expect(other).not.toBe(own)
    await one.dialled(sockets)
    one.socket.update({ qr: 'third' })
    await answered(one)
    await Promise.allSettled([own, other])
    expect(await other).toBe('ABCD1234')
    // The first one is shown no more.
    expect(one.line.requestPairingCode(phone)).not.toBe(first)
  })

  test('that is on show no more is asked for anew, although another code is awaited', async () => {
    const one = await unlinked()
    const first = one.line.requestPairingCode(phone)
    await one.dialled()
    one.socket.update({ qr: 'second' })
    await answered(one)
    expect(await first).toBe('ABCD1234')
    const sockets = one.sockets.length
    one.socket.close(503)
    await one.dialled(sockets)
    one.socket.update({ qr: 'third' })
    await one.settled()
    expect([one.state, one.line.status.qr?.pairingCode]).toEqual(['awaitingQr', undefined])
    const again = one.line.requestPairingCode(phone)
    expect(again).not.toBe(first)
    await one.dialled(sockets + 1)
    one.socket.update({ qr: 'fourth' })
    await answered(one)
    expect(await again).toBe('ABCD1234')
  })

  test.each<[string, unknown[], string]>([
    ['a phone that is none', ['mine'], 'PHONE_INVALID'],
    ['characters that are too few', [phone, 'ABCD'], 'PAIRING_CODE_INVALID'],
    ['characters that are none', [phone, 'ABCD-234'], 'PAIRING_CODE_INVALID'],
    ['a phone that is not expected', ['4917012345679'], 'NUMBER_UNEXPECTED'],
  ])('for %s is refused, and asked for by nobody', async (_, given, code) => {
    const one = await unlinked({ expectedNumber: phone })
    const [number, custom] = given as [string, string?]
    await expect(one.line.requestPairingCode(number, custom)).rejects.toMatchObject({ code })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(one.sockets).toHaveLength(1)
    // A refusal is not remembered.
    await expect(one.line.requestPairingCode(number, custom)).rejects.toMatchObject({ code })
  })

  test('for the number that is expected is given', async () => {
    const one = await unlinked({ expectedNumber: phone })
    const code = watched(one.line.requestPairingCode(phone))
    await one.dialled()
    one.socket.update({ qr: 'second' })
    await answered(one)
    expect(code.ended).toBe('ABCD1234')
  })

  test('of a linked account is refused, with what to do first', async () => {
    const one = await scriptedLine()
    await one.up()
    await expect(one.line.requestPairingCode(phone)).rejects.toMatchObject({
      ...{ code: 'REFUSED', message: 'Not possible in this state: connected.' },
      remediation: expect.stringContaining('relink()'),
    })
  })

  test('that the server refuses is told at once, with what helps, and can be asked for again', async () => {
    const one = await unlinked()
    const code = watched(one.line.requestPairingCode(phone))
    await one.dialled()
    one.socket.update({ qr: 'second' })
    await one.settled()
    const error = { tag: 'error', attrs: { code: '429' } }
    one.socket.ws.emit('CB:iq,type:error', { tag: 'iq', attrs: {}, content: [error] })
    await one.settled()
    expect(code.ended).toBe('PAIRING_CODE_FAILED')
    expect(code.error?.message).toMatch(/^No pairing code came: /)
    expect(code.error?.remediation).toBe(one.line.status.remediation)
    expect(code.error?.remediation).not.toMatch(/^See the log/)
  })

  test('that does not come is given up in bounded time', async () => {
    const one = await unlinked()
    const code = watched(one.line.requestPairingCode(phone))
    await one.dialled()
    one.socket.requestPairingCode = () => new Promise(() => undefined)
    one.socket.update({ qr: 'second' })
    await vi.advanceTimersByTimeAsync(66_000)
    expect(code.ended).toBe('PAIRING_CODE_FAILED')
    expect(code.error?.remediation).toMatch(/^See the log/)
    const again = watched(one.line.requestPairingCode(phone))
    await one.dialled()
    one.socket.update({ qr: 'third' })
    await answered(one)
    expect(again.ended).toBe('ABCD1234')
  })

  test('that is asked for before it is known whether the account is linked waits for that', async () => {
    const one = await scriptedLine({ linked: false })
    const starting = one.line.start()
    await starting
    expect(one.state).toBe('preparing')
    const code = watched(one.line.requestPairingCode(phone))
    await one.dialled(1)
    one.socket.update({ qr: 'first' })
    await answered(one)
    expect(code.ended).toBe('ABCD1234')
  })
})

describe('a prune', () => {
  const quarantined = async (one: ScriptedLine) => (await one.line.quarantined()).length
  const withSessions = async (options: Parameters<typeof scriptedLine>[0] = {}) => {
    const one = await scriptedLine(options)
    await one.up()
    await one.socket.authState.keys.set({ session: { '491.0': new Uint8Array(3), '492.0': new Uint8Array(3) } })
    return one
  }

  test('is over once the account is connected again, without its sessions', async () => {
    const one = await withSessions()
    const pruned = watched(one.line.prune('all'))
    await one.dialled()
    expect(pruned.ended).toBeUndefined()
    await one.reconnected(1)
    expect(pruned.ended).toBe('well')
    expect(await quarantined(one)).toBe(1)
    const kept = await one.socket.authState.keys.get('session', ['491.0', '492.0'])
    expect(Object.values(kept).filter(Boolean)).toEqual([])
  })

  test('is over when the first try to connect again has failed', async () => {
    const one = await withSessions()
    const pruned = watched(one.line.prune('all'))
    await one.dialled()
    expect(pruned.ended).toBeUndefined()
    one.socket.close(503)
    await one.settled()
    expect(pruned.ended).toBe('well')
    expect(one.state).toBe('reconnecting')
  })

  test('beyond its budget is refused with the reason, and changes nothing', async () => {
    const one = await withSessions()
    const pruned = watched(one.line.prune('all'))
    await one.reconnected()
    expect(pruned.ended).toBe('well')
    const again = await one.line.prune('all').catch((error: unknown) => error)
    expect(again).toMatchObject({ code: 'REFUSED', message: expect.not.stringContaining('in this state') })
    expect([one.state, await quarantined(one)]).toEqual(['healthy', 1])
    await expect(one.line.prune('failing')).rejects.toMatchObject({ code: 'REFUSED' })
  })

  test('in a state that has none is refused with that state', async () => {
    const one = await unlinked()
    await expect(one.line.prune('all')).rejects.toMatchObject({
      ...{ code: 'REFUSED', message: expect.stringMatching(/^Not possible in this state: /) },
      remediation: 'Try again when the state has changed.',
    })
    await expect(one.line.prune('some' as never)).rejects.toMatchObject({
      ...{ code: 'SCOPE_INVALID', message: 'There is no scope some.' },
    })
  })

  test('that cannot be done says so, and what the account says', async () => {
    const quarantine = async () => {
      throw new Error('EIO')
    }
    const one = await withSessions({ store: (store) => storeWith(store, { quarantine }) })
    const pruned = watched(one.line.prune('all'))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(pruned.ended).toBe('PRUNE_FAILED')
    expect(pruned.error?.message).toMatch(/^No session was set aside: /)
    expect(await quarantined(one)).toBe(0)
  })

  test('that a stop breaks off says that it was stopped', async () => {
    const { reached, pass, wait } = gate()
    const one = await withSessions({
      store: (store) =>
        storeWith(store, {
          quarantine: async () => {
            await wait()
            throw new Error('EIO')
          },
        }),
    })
    const pruned = watched(one.line.prune('all'))
    await one.settled()
    await reached
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(10)
    pass()
    await vi.advanceTimersByTimeAsync(4_500)
    await stopping
    expect(pruned.ended).toBe('STOPPED')
  })
})

describe('a word of a person', () => {
  test('to connect anew drops the connection and dials at once', async () => {
    const one = await scriptedLine()
    await one.up()
    await one.line.reconnect()
    await one.settled()
    expect(one.sockets[0]?.asked).toEqual(['end'])
    await one.reconnected(1)
    expect(one.state).toBe('healthy')
    one.socket.close(503)
    await one.settled()
    const before = Date.now()
    await one.line.reconnect()
    await one.settled()
    expect([one.sockets.length, Date.now()]).toEqual([3, before])
  })

  test('to link anew shows a code, and leaves the credentials where they are', async () => {
    const one = await scriptedLine()
    await one.up()
    await one.line.relink()
    await one.dialled(1)
    one.socket.update({ qr: 'new' })
    await one.settled()
    expect([one.state, one.codes.length]).toEqual(['awaitingQr', 1])
    expect(await one.store.inspect({ depth: 'creds' })).toMatchObject({ linked: true })
  })

  test('is refused once supervision is stopped, also when the statechart rests by itself', async () => {
    const one = await scriptedLine()
    await one.up()
    await one.socket.logout()
    await one.settled()
    for (const step of [() => one.line.reconnect(), () => one.line.relink(), () => one.line.prune('all')])
      await expect(step()).rejects.toMatchObject({ code: 'STOPPED', remediation: 'Call start().' })
    await one.line.stop()
    await expect(one.line.reconnect()).rejects.toMatchObject({ code: 'STOPPED' })
  })
})

describe('a logout', () => {
  test('is said to WhatsApp over the socket, and ends supervision', async () => {
    const one = await scriptedLine()
    await one.up()
    const { socket } = one
    const out = watched(one.line.logout())
    await vi.advanceTimersByTimeAsync(100)
    expect([out.ended, one.state, await one.store.owned()]).toEqual(['well', 'stopped', false])
    expect(socket.asked[0]).toBe('logout')
    // Nothing is linked any more that could be unlinked.
    await one.line.logout()
  })

  test('without a connection is refused, and supervision is as it was', async () => {
    const one = await scriptedLine()
    await one.line.start()
    await one.settled()
    await expect(one.line.logout()).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
    expect(one.state).toBe('connecting')
  })

  test('of an account that is not linked stops it only, and of one that does not run does nothing', async () => {
    const one = await unlinked()
    const out = watched(one.line.logout())
    await vi.advanceTimersByTimeAsync(100)
    expect([out.ended, one.state]).toEqual(['well', 'stopped'])
    expect(one.sockets.flatMap(({ asked }) => asked)).not.toContain('logout')
    await one.line.logout()
  })

  test('whose connection does not end is waited for as long as a close is given, twice', async () => {
    const one = await scriptedLine()
    await one.up()
    one.socket.logout = async () => undefined
    const out = watched(one.line.logout())
    await vi.advanceTimersByTimeAsync(9_999)
    expect(one.state).toBe('healthy')
    await vi.advanceTimersByTimeAsync(1)
    expect(out.ended).toBe('well')
  })
})
