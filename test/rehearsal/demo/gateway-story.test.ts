import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { GatewayDemoEvent, Verdict } from '../../../src/rehearsal/demo/gateway-events.ts'
import type { GatewaySide, SideParts } from '../../../src/rehearsal/demo/gateway-side.ts'
import { playGateways } from '../../../src/rehearsal/demo/gateway-story.ts'
import { demoPolicy } from '../../../src/rehearsal/demo/pace.ts'
import { through, timersAlone } from '../own-clock.ts'

afterEach(() => void vi.useRealTimers())

/** Two that come back from everything at once, but for what the test says. */
function story(backs: (side: string, time: number) => boolean = () => true) {
  timersAlone()
  const did: string[] = []
  const opened: SideParts[] = []
  const asked: [string, number, boolean][] = []
  const waits = { execMs: 0 }
  const open = async (parts: SideParts) => {
    opened.push(parts)
    const { side } = parts
    const act = (what: string) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      did.push(`${side} ${what}`)
    }
    let times = 0
    return {
      server: {
        onNextLogin: (fault: { kind: string }, { times: many }: { times: number }) =>
          void did.push(`${side} next ${many} logins ${fault.kind}`),
        now: (fault: { kind: string }) => void did.push(`${side} now ${fault.kind}`),
      },
      phone: { unlink: act('unlinked') },
      ...{ start: () => void did.push(`${side} starts`), kill: act('killed'), tearCreds: act('torn') },
      ...{ byHand: act('by hand'), close: act('closed') },
      link: async (isOver: () => boolean) => {
        await new Promise((resolve) => setTimeout(resolve, 10))
        did.push(`${side} linked${isOver() ? ' too late' : ''}`)
      },
      answers: async (isOver: () => boolean, wantsCode = false): Promise<Verdict> => {
        times += 1
        const since = performance.now()
        const back = backs(side, times)
        if (side === 'exec') await new Promise((resolve) => setTimeout(resolve, waits.execMs))
        while (!back && !isOver()) await new Promise((resolve) => setTimeout(resolve, 100))
        const ms = performance.now() - since
        asked.push([side, ms, wantsCode])
        did.push(`${side} answers`)
        return { back, end: back ? 'answers' : 'is silent', ms }
      },
    } as unknown as GatewaySide
  }
  const told: GatewayDemoEvent[] = []
  const tell = (event: GatewayDemoEvent) => {
    told.push(event)
    if (event.type === 'scene') did.push('next scene')
  }
  const play = () => through(playGateways(tell, open))
  const results = () => told.flatMap((event) => (event.type === 'result' ? [[event.alone.back, event.exec.back]] : []))
  return { play, told, did, opened, asked, waits, results }
}
/** What one of them did, scene by scene. */
const of = (side: string, did: readonly string[]) =>
  did.filter((one) => one.startsWith(side)).map((one) => one.slice(side.length + 1))

describe('the story of the two', () => {
  test('links both, plays each scene on both, and is well where the supervised one came back from each', async () => {
    const { play, told, did, opened, asked, results } = story()
    const policies: unknown[] = []
    opened.push = (parts) => {
      policies.push(JSON.parse(readFileSync(parts.policy, 'utf8')), existsSync(parts.place))
      return Array.prototype.push.call(opened, parts)
    }
    expect(await play()).toBe(true)
    expect(opened.map(({ side }) => side)).toEqual(['alone', 'exec'])
    expect(policies).toEqual([demoPolicy, true, demoPolicy, true].map((one) => JSON.parse(JSON.stringify(one))))
    expect(new Set(opened.map(({ place }) => dirname(place))).size).toBe(1)
    expect(existsSync(dirname(opened[0]?.place ?? ''))).toBe(false)
    for (const side of ['alone', 'exec'])
      expect(of(side, did)).toEqual([
        ...['starts', 'linked', 'answers'],
        ...['next 2 logins http', 'now close', 'answers', 'answers'].map((one) =>
          expect.stringMatching(one.split(' ')[0] ?? ''),
        ),
        ...['killed', 'torn', 'starts', 'answers', 'answers'],
        ...['unlinked', 'linked', 'answers'],
        'closed',
      ])
    expect(asked.filter(([side]) => side === 'exec').map(([, , wantsCode]) => wantsCode)).toEqual([
      ...[true, false, false, false, false, true],
    ])
    expect(results()).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ])
    expect(told.map(({ type }) => type)).toEqual([
      ...['scene', 'scene', 'result', 'scene', 'result', 'scene', 'result', 'summary'],
    ])
    const titles = told.flatMap((event) => (event.type === 'scene' ? [event.title] : []))
    expect(titles[0]).toBe('A loop as everybody writes it')
    const last = told.at(-1)
    expect(last).toMatchObject({
      type: 'summary',
      ok: true,
      scenes: told.filter(({ type }) => type === 'result').map(({ type: _, ...rest }) => rest),
    })
    expect(last?.type === 'summary' && last.scenes.map(({ title }) => title)).toEqual(titles.slice(1))
    expect(last?.type === 'summary' && last.totalMs >= 0 && last.totalMs < 60_000).toBe(true)
  })

  test('mends the bare one by hand after a scene from which it did not come back, but for the last', async () => {
    // Its second answer is of the first scene, its fourth of the second, its sixth of the last.
    const { play, told, did, results } = story((side, time) => side === 'exec' || ![2, 6].includes(time))
    expect(await play()).toBe(true)
    expect(results()).toEqual([
      [false, true],
      [true, true],
      [false, true],
    ])
    expect(of('alone', did).filter((one) => one === 'by hand')).toHaveLength(1)
    expect(told.filter(({ type }) => type === 'said')).toEqual([
      { type: 'said', side: 'alone', text: 'is mended and started anew by hand' },
    ])
  })

  test('begins no scene before both have answered, or were given up', async () => {
    const { play, did, waits } = story()
    waits.execMs = 700
    await play()
    const scenes = did.flatMap((one, at) => (one === 'next scene' ? [did.slice(0, at)] : []))
    for (const side of ['alone', 'exec'])
      expect(scenes.map((before) => before.filter((one) => one === `${side} answers`).length)).toEqual([0, 1, 3, 5])
  })

  test('gives the bare one as long as the other takes, and six seconds at least', async () => {
    const quick = story((side, time) => side === 'exec' || time !== 2)
    await quick.play()
    const [, [, shortMs = 0] = []] = quick.asked.filter(([side]) => side === 'alone')
    expect([shortMs >= 5_900, shortMs < 7_000]).toEqual([true, true])
    const slow = story((side, time) => side === 'exec' || time !== 2)
    slow.waits.execMs = 9_000
    await slow.play()
    const [, [, longMs = 0] = []] = slow.asked.filter(([side]) => side === 'alone')
    expect([longMs >= 8_900, longMs < 10_000]).toEqual([true, true])
  })

  test('is not well where the supervised one did not come back, or could not be linked, which ends it', async () => {
    const lost = story((side, time) => side === 'alone' || time !== 4)
    expect(await lost.play()).toBe(false)
    expect(lost.told.at(-1)).toMatchObject({ type: 'summary', ok: false })
    const [, , , [, ms = 0] = []] = lost.asked.filter(([side]) => side === 'exec')
    expect([ms >= 24_000, ms < 26_000]).toEqual([true, true])
    const never = story((side) => side === 'alone')
    expect(await never.play()).toBe(false)
    expect([never.results(), never.told.at(-1)]).toEqual([[], expect.objectContaining({ ok: false, scenes: [] })])
    expect(never.did.slice(-2).toSorted()).toEqual(['alone closed', 'exec closed'])
  })
})
