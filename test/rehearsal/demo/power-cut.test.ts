import { afterEach, describe, expect, test, vi } from 'vitest'
import { answerTo } from '../../../src/rehearsal/demo/bot.ts'
import { Claims } from '../../../src/rehearsal/demo/claims.ts'
import type { GatewayMessage } from '../../../src/rehearsal/demo/gateway-process.ts'
import { sha256 } from '../../../src/rehearsal/demo/harm.ts'
import { identityIn, powerCut } from '../../../src/rehearsal/demo/power-cut.ts'
import { linkedAccount } from '../../stores/account.ts'
import { through, timersAlone } from '../own-clock.ts'

afterEach(() => void vi.useRealTimers())

/** What goes wrong; nothing if it is absent. */
interface Wrong {
  /** No code is shown; `linked`: since none is needed. */
  readonly noCode?: true | 'linked'
  /** It does not come through after the scan. */
  readonly stuck?: true
  /** It ends by itself: before it shows a code, or when that is scanned. */
  readonly ends?: 'unlinked' | 'scanned'
  /** What nobody can write. */
  readonly unwritten?: string
  /** What of the texts is never read. */
  readonly unread?: RegExp
  /** It reads at once, so that nothing is under way. */
  readonly quick?: true
  /** What it dies of. */
  readonly death?: string
  /** Whose session file is not there. */
  readonly missing?: true
}

async function stage(wrong: Wrong = {}) {
  timersAlone()
  const { folder, store } = await linkedAccount()
  await store.release()
  const told: Record<string, unknown>[] = []
  const did: string[] = []
  const say = { message: (_: GatewayMessage): void => undefined }
  const state = { alive: true, read: 0 }
  const contact = (name: string, number: string) => {
    const one = {
      ...{ name, number, lid: undefined, resends: true, received: [] as string[] },
      send: async (_to: unknown, text: string) => {
        if (wrong.unwritten && text.startsWith(wrong.unwritten)) throw new Error(`no session: ${text}`)
        did.push(text)
        // What comes in a burst is read one after the other.
        const read = () => {
          if (!state.alive || wrong.unread?.test(text)) return
          state.read += 1
          one.received.push(answerTo(text))
          say.message({ type: 'read', id: text, from: name, text })
        }
        if (wrong.quick || text.startsWith('Hello')) read()
        else setTimeout(read, 50 * did.length)
      },
    }
    return one
  }
  const contacts = [contact('Ada', '491'), contact('Bela', '492'), contact('Chen', wrong.missing ? '499' : '493')]
  const phone = {
    scan: async (code: string) => {
      did.push(`scans ${code}`)
      say.message({ type: 'state', state: 'connecting', message: 'It connects.' })
      if (wrong.ends === 'scanned') state.alive = false
      else if (!wrong.stuck)
        setTimeout(() => say.message({ type: 'state', state: 'healthy', message: 'Connected.' }), 1_000)
    },
  }
  const claims = new Claims()
  const cast = {
    server: { url: 'ws://there' },
    phone,
    contacts,
    harms: contacts.map((one) => ({ contact: one, harm: 'empty' })),
  }
  const begun: unknown[] = []
  const begin: NonNullable<Parameters<typeof powerCut>[1]> = (...of) => {
    begun.push(of.slice(0, 2))
    say.message = of[2]
    if (wrong.ends === 'unlinked') setTimeout(() => Object.assign(state, { alive: false }), 500)
    else if (wrong.noCode === 'linked')
      setTimeout(() => say.message({ type: 'state', state: 'healthy', message: 'Connected.' }), 500)
    else if (!wrong.noCode)
      setTimeout(() => {
        say.message({ type: 'code', code: 'one', number: 1 })
        say.message({ type: 'code', code: 'two', number: 2 })
      }, 500)
    return {
      pid: 42,
      get alive() {
        return state.alive
      },
      kill: async () => {
        did.push('killed')
        state.alive = false
        return wrong.death ?? 'SIGKILL'
      },
    }
  }
  const tell = (event: Record<string, unknown>) => void told.push(event)
  const play = () => through(powerCut({ cast, folder, claims, tell } as never, begin), 20)
  const failed = () => claims.list.filter(({ held }) => !held).map(({ claim, detail }) => `${claim}: ${detail}`)
  return { play, folder, claims, failed, told, did, cast, begun, state }
}

describe('the power cut', () => {
  test('kills a gateway that has paired and chatted in the middle of a burst, and leaves its sessions torn', async () => {
    const { play, folder, claims, failed, told, did, cast, begun, state } = await stage()
    const wreck = await play()
    expect([failed(), claims.list.length, begun]).toEqual([[], 4, [[folder, cast.server]]])
    expect(wreck?.identity).toBe(await identityIn(folder))
    expect(wreck?.files.map(({ file, bytes, sha256: sum }) => [file, bytes, sum])).toEqual(
      ['session-491.0.json', 'session-492.0.json', 'session-493.12.json'].map((file) => [
        file,
        0,
        sha256(Buffer.alloc(0)),
      ]),
    )
    const names = ['Ada', 'Bela', 'Chen']
    expect(did).toEqual([
      'scans one',
      ...names.map((name) => `Hello from ${name}`),
      ...[1, 2].flatMap((round) => names.map((name) => `Burst ${round} from ${name}`)),
      'killed',
      ...names.map((name) => `While you were off, ${name}`),
    ])
    // Three that said hello, and five of the burst.
    expect([state.read, claims.list[1]?.detail, claims.list[2]?.detail]).toEqual([
      ...[8, '3 read', 'SIGKILL, 1 of 6 new messages unread'],
    ])
    expect(claims.list[3]?.detail).toBe('3 files of 3 contacts')
    expect(told.map(({ type, text, code, state: entered }) => text ?? code ?? entered ?? type)).toEqual([
      'A gateway starts in a process of its own (pid 42), not linked yet.',
      'one',
      'connecting',
      'The phone scans the code.',
      'healthy',
      '3 contacts have written, were read, and have read the answers.',
      'kill -9 42 while it reads and writes: SIGKILL, 1 of 6 new messages unread.',
      'harm',
      'Each contact writes once more; the messages wait on the server.',
    ])
  })

  test.each<[string, Wrong, readonly string[]]>([
    ['shows no code', { noCode: true }, ['A code is shown and scanned, and the account is healthy: none']],
    ['needs no code', { noCode: 'linked' }, ['A code is shown and scanned, and the account is healthy: healthy']],
    ['does not connect', { stuck: true }, ['A code is shown and scanned, and the account is healthy: connecting']],
    ['ends unlinked', { ends: 'unlinked' }, ['A code is shown and scanned, and the account is healthy: none']],
    ['ends by itself', { ends: 'scanned' }, ['A code is shown and scanned, and the account is healthy: connecting']],
    ['reads not all', { unread: /Hello from Ada/ }, ['Ten contacts write, are read, and read the answers: 2 read']],
  ])('breaks off where the gateway %s, at once if it has ended, and leaves no process', async (_, wrong, claimed) => {
    const { play, failed, state, told } = await stage(wrong)
    const began = performance.now()
    expect(await play()).toBeUndefined()
    expect(performance.now() - began < 2_000).toBe(wrong.ends !== undefined)
    expect([failed(), state.alive, told.some(({ type }) => type === 'harm')]).toEqual([claimed, false, false])
  })

  test.each(['Hello from', 'Burst 2', 'While you were off'])(
    'ends with a contact that cannot write “%s”',
    async (unwritten) => {
      const { play, state } = await stage({ unwritten })
      await expect(play()).rejects.toThrow(`no session: ${unwritten}`)
      expect(state.alive).toBe(false)
    },
  )

  test.each<[string, Wrong, string]>([
    [
      'had read everything',
      { quick: true },
      'The gateway is killed while it reads and writes: SIGKILL, 0 of 6 new messages unread',
    ],
    [
      'died of something else',
      { death: 'exit code 1' },
      'The gateway is killed while it reads and writes: exit code 1, 1 of 6 new messages unread',
    ],
    [
      'had no session of one',
      { missing: true },
      'The session files of all ten contacts are damaged: 2 files of 2 contacts',
    ],
  ])('says so where the gateway %s, and goes on', async (_, wrong, claimed) => {
    const { play, failed } = await stage(wrong)
    expect(await play()).toBeDefined()
    expect(failed()).toEqual([claimed])
  })
})
