import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { lead } from '../../../src/rehearsal/torture/lead.ts'
import { scheduleOf, written } from '../../../src/rehearsal/torture/schedule.ts'
import type { Step } from '../../../src/rehearsal/torture/steps.ts'
import { subjectIn } from '../../../src/rehearsal/torture/subject.ts'
import { type Begin, type TorturedRun, type TortureOptions, torture } from '../../../src/rehearsal/torture/torture.ts'
import type { Answer } from '../../../src/rehearsal/torture/victim.ts'

/** Processes that answer as the test says, and what was done with them. */
function rig(answerTo: (schedule: string) => Answer, ready = (): Answer => ({ type: 'ready' })) {
  const did: unknown[] = []
  const state = { begun: 0, dies: false }
  const begin: Begin = (...stranger) => {
    state.begun += 1
    const name = state.begun
    let alive = true
    did.push(['begin', name, ...stranger])
    return {
      get alive() {
        return alive
      },
      answer: async (withinMs, message) => {
        did.push(['ask', name, message?.schedule, withinMs])
        const answer = message ? answerTo(message.schedule) : ready()
        if (message && (state.dies || answer.type === 'ended')) alive = false
        return answer
      },
      kill: async () => {
        for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
        alive = false
        did.push(['kill', name])
      },
    }
  }
  const told: TorturedRun[] = []
  const play = (more: Partial<TortureOptions> = {}) =>
    torture(
      {
        ...{ module: '/my.js', baileys: ['baileys'], seed: 7, runs: 3, schedule: undefined },
        ...{ onRun: (run) => void told.push(run), ...more },
      },
      begin,
    )
  /** The schedules that were played. */
  const played = () =>
    did.flatMap((one) => (Array.isArray(one) && one[0] === 'ask' && one[2] !== undefined ? [one[2]] : []))
  return { did, told, play, played, state }
}
const counts = { messages: { sent: 4, read: 3 }, answers: { sent: 2, read: 1 } }
let heap = 0
const result = (...rules: readonly string[]): Answer => {
  heap += 1_000
  const broken = rules.map((rule) => ({ rule, found: 'so', remedy: 'this' }))
  const all = { schedule: [], broken, path: ['healthy'], healMs: 1, tookMs: 2, ...counts }
  return { type: 'result', heapBytes: heap, result: all }
}
const steps = (text: string): readonly Step[] =>
  text.split(' ').map((name) => ({ name: name as Step['name'], settled: true }))

describe('runs of torture', () => {
  test('play the schedules of their seeds in one process, told as they end, and say how much its heap grew', async () => {
    const { did, told, play, played } = rig(() => result())
    const found = await play({ runs: 4 })
    const schedules = [7, 8, 9, 10].map((seed) => written(scheduleOf(seed)))
    expect(played()).toEqual(schedules)
    expect([did[0], did[1], did[2], did.at(-1)]).toEqual([
      ['begin', 1, '/my.js', 'connect', ['baileys']],
      ['ask', 1, undefined, 60_000],
      ['ask', 1, schedules[0], 240_000],
      ['kill', 1],
    ])
    expect(did.filter((one) => Array.isArray(one) && one[0] !== 'ask')).toHaveLength(2)
    expect(told[1]).toEqual({
      ...{ seed: 8, schedule: schedules[1], broken: [], path: ['healthy'], healMs: 1, tookMs: 2 },
      ...counts,
    })
    expect(found).toEqual({ ok: true, runs: told, heapBytesPerRun: 1_000, leftOut: 0 })
  })

  test('play the schedule that is given, of the kind that is given, and none after the time is over', async () => {
    const { did, play, played } = rig(() => result())
    expect(await play({ schedule: steps('503 440'), kind: 'loop', runs: 2 })).toMatchObject({ ok: true, leftOut: 0 })
    expect([played(), did[0]]).toEqual([
      ['503 440', '503 440'],
      ['begin', 1, '/my.js', 'loop', ['baileys']],
    ])
    const early = rig(() => result())
    expect((await early.play({ until: performance.now() + 600_000 })).runs).toHaveLength(3)
    const late = rig(() => result())
    expect(await late.play({ until: performance.now() - 1 })).toEqual({ ok: true, runs: [], leftOut: 0 })
    expect(late.did).toEqual([])
  })

  test('that break a promise are shortened to the steps that break the same, with the seed, and go on', async () => {
    const { told, play, played } = rig((schedule) => {
      if (!schedule.includes('440')) return result('told once')
      return result(...(schedule.includes('503') ? ['heals', 'stops'] : []))
    })
    const found = await play({ schedule: steps('515 503 440 reset'), runs: 2 })
    expect(found.ok).toBe(false)
    expect(told.map(({ shortest, seed }) => [shortest, seed])).toEqual([
      ['503 440', 7],
      ['503 440', 8],
    ])
    expect(played().slice(0, 4)).toEqual(['515 503 440 reset', '', '503 440 reset', '440 reset'])
    expect(told[0]?.broken.map(({ rule }) => rule)).toEqual(['heals', 'stops'])
    const always = rig(() => result('heals'))
    await always.play({ schedule: steps('515 503'), runs: 1 })
    expect([always.told[0]?.shortest, always.played()]).toEqual(['', ['515 503', '']])
  })

  test('of an account that cannot be linked end with the first, and are not shortened', async () => {
    const { told, play, played } = rig(() => result('links'))
    expect(await play({ runs: 5 })).toEqual({ ok: false, runs: told, leftOut: 4 })
    expect([told.length, played().length, 'shortest' in (told[0] ?? {})]).toEqual([1, 1, false])
  })

  test('whose process ends or is silent have broken a promise, and the next has a fresh one that has not grown', async () => {
    const ended: Answer = { type: 'ended', how: 'SIGSEGV', stderr: 'Killed' }
    for (const answer of [ended, { type: 'silent' } as const]) {
      let at = 0
      const { told, play, did } = rig((schedule) => {
        at += 1
        return schedule !== '' && at === 3 ? answer : result()
      })
      const found = await play({ runs: 5, schedule: steps('503') })
      expect(told.map(({ broken }) => broken.map(({ rule }) => rule))).toEqual([[], [], ['survives'], [], []])
      expect(told[2]).toMatchObject({ path: [], healMs: 0, shortest: '503', messages: { sent: 0, read: 0 } })
      expect(told[2]?.tookMs).toBeLessThan(10_000)
      expect(told[2]?.answers).toEqual({ sent: 0, read: 0 })
      expect(
        did.filter((one) => Array.isArray(one) && one[0] !== 'ask').map((one) => (one as string[]).slice(0, 2)),
      ).toEqual([
        ...[
          ['begin', 1],
          ['kill', 1],
          ['begin', 2],
          ['kill', 2],
        ],
      ])
      // Of the fresh one there are the runs that shortened, and two.
      expect(found.ok).toBe(false)
    }
  })

  test('that are cut short took the time from their beginning, without that of their process', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const ready: Answer = { type: 'ready' }
    const slowly = (ms: number, answer: Answer): Answer => {
      vi.advanceTimersByTime(ms)
      return answer
    }
    const { told, play } = rig(
      () => slowly(70, { type: 'silent' }),
      () => slowly(1_000, ready),
    )
    await play({ runs: 1, schedule: [] })
    expect(told.map(({ tookMs }) => tookMs)).toEqual([70])
  })

  test('have a fresh process when the one before has ended by itself', async () => {
    const { play, state } = rig(() => result())
    state.dies = true
    await play({ runs: 2 })
    expect(state.begun).toBe(2)
  })

  test('that cannot begin are refused with the reason, and leave no process', async () => {
    const { play, did, told } = rig(
      () => result(),
      () => ({ type: 'refused', why: 'no-baileys' }),
    )
    await expect(play()).rejects.toMatchObject({ code: 'BAILEYS_MISSING' })
    expect([did.at(-1), told]).toEqual([['kill', 1], []])
  })
})

test('what a module exports by the name of its kind is tortured, else its default, if that is a function', () => {
  const [connect, loop, other] = [() => 'connect', () => 'loop', () => 'default']
  expect([
    subjectIn({ connect, loop, default: other }, 'connect'),
    subjectIn({ connect, loop, default: other }, 'loop'),
    subjectIn({ connect: 1, default: other }, 'connect'),
    subjectIn({ default: other }, 'loop'),
    subjectIn({ loop }, 'connect'),
    subjectIn({ default: {} }, 'loop'),
    subjectIn(undefined, 'connect'),
  ]).toEqual([{ connect }, { loop }, { connect: other }, { loop: other }, undefined, undefined, undefined])
})

test('each Baileys that a module reaches by a name is led to the server, and what is none is left alone', async () => {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-lead-'))
  const put = async (name: string, code: string) => {
    await mkdir(join(place, 'node_modules', name), { recursive: true })
    await writeFile(join(place, 'node_modules', name, 'package.json'), '{"type":"module","main":"index.js"}')
    await writeFile(join(place, 'node_modules', name, 'index.js'), code)
    return () => import(join(place, 'node_modules', name, 'index.js'))
  }
  try {
    const config = "export const DEFAULT_CONNECTION_CONFIG = { waWebSocketUrl: 'wss://web.whatsapp.com', other: 1 }\n"
    const one = await put('one', `${config}export const WA_CERT_DETAILS = { SERIAL: 0 }`)
    const old = await put('old', config)
    await put('none', 'export const makeWASocket = () => undefined')
    const server = { rootKey: 'ab'.repeat(32), clientOptions: { waWebSocketUrl: 'ws://127.0.0.1:1/' } }
    const names = ['one', 'missing', 'none', 'old']
    expect(await lead(join(place, 'my.js'), names, server as never)).toEqual(['one', 'old'])
    for (const load of [one, old])
      expect((await load()).DEFAULT_CONNECTION_CONFIG).toMatchObject({
        ...{ waWebSocketUrl: 'ws://127.0.0.1:1/', other: 1, placeholderResendCache: expect.anything() },
      })
    expect(Buffer.from((await one()).WA_CERT_DETAILS.PUBLIC_KEY).toString('hex')).toBe(server.rootKey)
    expect('WA_CERT_DETAILS' in (await old())).toBe(false)
  } finally {
    await rm(place, { recursive: true })
  }
})
