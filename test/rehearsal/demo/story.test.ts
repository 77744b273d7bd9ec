import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Lifeline } from '../../../src/index.ts'
import type { DemoEvent } from '../../../src/rehearsal/demo/events.ts'
import { paceFactor } from '../../../src/rehearsal/demo/pace.ts'
import type { Stage, SupervisedStage } from '../../../src/rehearsal/demo/stage.ts'
import { playStory } from '../../../src/rehearsal/demo/story.ts'
import { linkedAccount, storeOf } from '../../stores/account.ts'

afterEach(() => void vi.useRealTimers())

/** Scenes that hold so many claims and do nothing else, but for what the test says. */
async function story(more: object = {}) {
  const { folder, store } = await linkedAccount()
  await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'it was torn')
  await store.release()
  const did: string[] = []
  const told: DemoEvent[] = []
  const stages: Stage[] = []
  const wreck = { files: [], identity: 'x' }
  const holds = (scene: string, count: number) => async (stage: Stage) => {
    did.push(scene)
    for (let at = 1; at <= count; at += 1) stage.claims.hold(`${scene} ${at}`, true, '')
    return undefined
  }
  const stop = async () => {
    await Promise.resolve()
    did.push('the server has stopped')
  }
  const scenes = {
    gather: async () => ({ server: { url: 'ws://127.0.0.1:9/', stop } }) as unknown as Stage['cast'],
    powerCut: async (stage: Stage) => {
      stages.push(stage)
      await holds('power cut', 4)(stage)
      return wreck
    },
    recovery: async (stage: SupervisedStage) => {
      await holds('recovery', 4)(stage)
      stage.claims.took('to heal', 5)
      return true
    },
    livelyTalk: holds('talk', 2),
    checkWreck: async (stage: SupervisedStage, of: unknown) => {
      await holds('wreck', 4)(stage)
      stage.claims.hold('the wreck is the one', of === wreck, '')
    },
    unlinking: holds('unlinking', 5),
    ...more,
  }
  const lines: Lifeline[] = []
  const play = (onLine = (_: Lifeline): void => undefined) =>
    playStory(
      (event) => void told.push(event),
      {
        keep: folder,
        onLine: (line) => {
          lines.push(line)
          did.push('shown the line')
          onLine(line)
        },
      },
      scenes as never,
    )
  return { play, folder, did, told, stages, lines }
}
const transition = (at: number, cause: object | undefined) => ({ type: 'transition', at, ...(cause ? { cause } : {}) })

describe('the story', () => {
  test('plays both acts on the folder that is given, and is well if the whole of it was checked and held', async () => {
    const { play, did, told, lines, stages, folder } = await story()
    const summary = await play()
    expect(did).toEqual([
      ...['power cut', 'shown the line', 'recovery', 'talk', 'wreck', 'unlinking', 'the server has stopped'],
    ])
    expect([summary.ok, summary.claims.length, stages[0]?.folder]).toEqual([true, 21, folder])
    expect(summary.claims.at(-1)).toEqual({
      ...{ claim: 'It stops clean and lets go of the folder', held: true, detail: expect.stringMatching(/^\d+ ms$/) },
    })
    expect(told.map((event) => (event.type === 'act' ? event.title : event.type))).toEqual([
      ...['opening', 'Act 1: the power cut', 'Act 2: the phone unlinks the device', 'summary'],
    ])
    expect(told[0]).toEqual({ type: 'opening', pace: paceFactor })
    expect(told.at(-1)).toEqual({ type: 'summary', ...summary })
    expect([lines[0]?.account, lines[0]?.status.state, summary.spans]).toEqual([
      ...['demo', 'stopped', [{ what: 'to heal', ms: 5 }]],
    ])
    expect(summary.quarantine).toEqual([
      { id: expect.any(String), reason: 'it was torn', files: 1, bytes: expect.any(Number) },
    ])
    expect(summary.quarantine[0]?.bytes).toBeGreaterThan(100)
    expect([summary.totalMs >= 0, summary.totalMs < 60_000, existsSync(folder)]).toEqual([true, true, true])
  })

  test('without a folder plays on one of its own, which goes with it', async () => {
    const folders: string[] = []
    const stop = async () => undefined
    const gather = async () => ({ server: { stop } })
    const powerCut = async ({ folder }: Stage) => void folders.push(folder)
    expect((await playStory(() => undefined, {}, { gather, powerCut } as never)).ok).toBe(false)
    expect(folders).toEqual([expect.stringMatching(/lifeline-demo-.*auth$/)])
    expect(existsSync(dirname(folders[0] ?? ''))).toBe(false)
  })

  test('ends with the power cut where that did not come far, and is not well', async () => {
    const { play, did, told } = await story({ powerCut: async () => undefined })
    const summary = await play()
    expect(did).toEqual(['the server has stopped'])
    expect(summary).toMatchObject({ ok: false, closes: {}, unreadable: {}, notices: {}, quarantine: [], claims: [] })
    expect(told.map(({ type }) => type)).toEqual(['opening', 'act', 'summary'])
  })

  test('ends with the first act where the account did not heal', async () => {
    const { play, did, told } = await story({ recovery: async () => false })
    const summary = await play()
    expect([summary.ok, did.at(-1), told.filter(({ type }) => type === 'act').length]).toEqual([
      ...[false, 'the server has stopped', 1],
    ])
    expect(Object.keys(summary.closes)).toEqual(['act 1'])
  })

  test('that breaks off in a scene stops its line and its server, and rejects with why', async () => {
    const { play, did, lines, folder } = await story({ livelyTalk: () => Promise.reject(new Error('no talk')) })
    await expect(play()).rejects.toThrow('no talk')
    expect([did.at(-1), lines[0]?.status.state]).toEqual(['the server has stopped', 'stopped'])
    const next = storeOf(folder)
    await next.acquire()
  })

  test('says that the folder was not let go of, or the stop took too long', async () => {
    const locked = await story()
    const other = storeOf(locked.folder)
    await other.acquire()
    expect((await locked.play()).claims.at(-1)).toMatchObject({ held: false })
    await other.release()
    vi.useFakeTimers({ toFake: ['performance'] })
    const slow = await story()
    const summary = await slow.play((line) => {
      Object.assign(line, { stop: async () => void vi.advanceTimersByTime(5_000) })
    })
    expect([summary.ok, summary.claims.at(-1)]).toEqual([
      false,
      expect.objectContaining({ held: false, detail: '5000 ms' }),
    ])
    expect(summary.totalMs).toBe(5_000)
  })

  test('counts the closes of each act, the notices, and the messages that could not be read', async () => {
    const history: object[] = []
    const logged: ((fields: object, words: string) => void)[] = []
    const { play, told } = await story({
      recovery: async ({ record }: SupervisedStage) => {
        history.push(transition(Date.now(), { kind: 'replaced', code: 440 }), transition(Date.now(), undefined))
        history.push(transition(Date.now(), { kind: 'replaced', code: 440 }), { type: 'notice', at: Date.now() })
        logged.push((fields, words) => record.logger.error(fields, words))
        await new Promise((resolve) => setTimeout(resolve, 5))
        return true
      },
      unlinking: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        history.push(transition(Date.now(), { kind: 'link-lost' }))
        logged[0]?.({ key: { id: '1' }, err: { message: 'Bad MAC' } }, 'failed to decrypt message')
      },
    })
    const before = transition(Date.now() - 60_000, { kind: 'logged-out', code: 401 })
    const summary = await play((line) => {
      Object.assign(line, { history: () => [before, ...history] })
    })
    expect(summary).toMatchObject({
      ok: false,
      closes: { 'act 1': { '440 replaced': 2 }, 'act 2': { 'link-lost': 1 } },
      unreadable: { 'Bad MAC': 1 },
      notices: {},
    })
    expect(told.at(-1)).toMatchObject({ type: 'summary', ok: false })
  })
})
