import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faults } from '../fake-whatsapp/index.ts'
import type { SceneResult, SideName, TellOfGateways, Verdict } from './gateway-events.ts'
import { GatewaySide } from './gateway-side.ts'
import { demoPolicy } from './pace.ts'

const linkMs = 20_000
const backMs = 25_000
/** Alone it has at least this long, and as long as the other one took. */
const aloneMs = 6_000

interface Scene {
  readonly title: string
  readonly text: string
  readonly trouble: (side: GatewaySide) => Promise<void>
  /** The account is dead: a code is what has to come, and it is scanned. */
  readonly wantsCode?: true
}

const scenes: readonly Scene[] = [
  {
    title: 'The network comes back behind a sign-in page',
    text: 'The connection drops. The next two tries meet the page of a hotel in place of WhatsApp; then all is well again.',
    trouble: async ({ server }) => {
      server.onNextLogin(faults.portal, { times: 2 })
      server.now(faults.unavailable)
    },
  },
  {
    title: 'A power cut in the middle of a write',
    text: 'kill -9, and creds.json is left half-written. The gateway is started again.',
    trouble: async (side) => {
      await side.kill()
      await side.tearCreds()
      side.start()
    },
  },
  {
    title: 'The phone unlinks the device',
    text: 'WhatsApp answers 401. A new code is the only cure; somebody scans it if one is shown.',
    trouble: async ({ phone }) => phone.unlink(),
    wantsCode: true,
  },
]

/** Plays the scenes on both at the same time. True if the one under `lifeline exec` came back from each. */
export async function playGateways(tell: TellOfGateways, openSide = GatewaySide.open): Promise<boolean> {
  const startedAt = performance.now()
  const place = await mkdtemp(join(tmpdir(), 'lifeline-demo-'))
  const policy = join(place, 'policy.json')
  writeFileSync(policy, JSON.stringify(demoPolicy))
  const open = async (side: SideName): Promise<GatewaySide> => {
    const own = join(place, side)
    await mkdir(own)
    return openSide({ side, place: own, policy, tell: (text) => tell({ type: 'said', side, text }) })
  }
  const [alone, exec] = [await open('alone'), await open('exec')]
  try {
    tell({
      type: 'scene',
      title: 'A loop as everybody writes it',
      text: 'It dials again after every close but a logout. On the left as it is, on the right the same file under lifeline exec. Each is linked, and answers.',
    })
    const linked = await Promise.all(
      [alone, exec].map(async (side) => {
        side.start()
        await side.link(within(linkMs))
        return side.answers(within(linkMs), true)
      }),
    )
    const results: SceneResult[] = []
    if (linked.every(({ back }) => back))
      for (const scene of scenes) {
        tell({ type: 'scene', title: scene.title, text: scene.text })
        const result = { title: scene.title, ...(await play(scene, alone, exec)) }
        results.push(result)
        tell({ type: 'result', ...result })
        if (scene === scenes.at(-1)) break
        if (!result.alone.back) {
          tell({ type: 'said', side: 'alone', text: 'is mended and started anew by hand' })
          await alone.byHand()
        }
        await Promise.all([alone, exec].map((side) => side.answers(within(linkMs))))
      }
    const ok = results.length === scenes.length && results.every((result) => result.exec.back)
    tell({ type: 'summary', ok, totalMs: Math.round(performance.now() - startedAt), scenes: results })
    return ok
  } finally {
    await Promise.all([alone.close(), exec.close()])
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
}

function within(ms: number): () => boolean {
  const until = performance.now() + ms
  return () => performance.now() > until
}

async function play({ trouble, wantsCode }: Scene, alone: GatewaySide, exec: GatewaySide) {
  let execOver = false
  const least = within(aloneMs)
  const side = async (one: GatewaySide, isOver: () => boolean): Promise<Verdict> => {
    await trouble(one)
    if (wantsCode) await one.link(isOver)
    return one.answers(isOver, wantsCode === true)
  }
  const [execs, alones] = await Promise.all([
    side(exec, within(backMs)).finally(() => {
      execOver = true
    }),
    side(alone, () => execOver && least()),
  ])
  return { alone: alones, exec: execs }
}
