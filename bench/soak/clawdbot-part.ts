import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Clawdbot, type Story } from '../../test/gateways/clawdbot.ts'
import { harm, harmCreds, harmSessions } from '../../test/gateways/scenarios.ts'
import type { Part } from './part.ts'

/** It takes half a minute to start where the machine is busy. */
const withinMs = 150_000
const stories: readonly Story[] = [
  { name: 'killed while it was open', end: 'SIGKILL' },
  { name: 'creds.json half-written by a kill', end: 'SIGKILL', between: harmCreds(harm.half) },
  { name: 'every session empty', end: 'SIGKILL', between: (trial) => harmSessions(trial, [harm.empty]) },
  {
    name: '515 twice at its start',
    end: 'SIGKILL',
    between: ({ server, number }) => server.onNextLogin(faults.restartRequired, { times: 2, account: number }),
  },
  { name: 'told to end by SIGTERM', end: 'SIGTERM' },
]

/** The whole process of the gateway of the first report, under `lifeline exec` and beside it alone. */
export function clawdbotPart(): Part {
  const failures: string[] = []
  const left = [...stories]
  const good = { exec: 0, alone: 0 }
  let played = 0
  return {
    failures,
    work: async (until) => {
      const [exec, alone] = await Promise.all([Clawdbot.open('clawdbot exec'), Clawdbot.open('clawdbot alone')])
      try {
        for (let story = left.shift(); story; story = left.shift()) {
          const [ours, theirs] = await Promise.all([
            exec.play(story, 'exec', withinMs),
            alone.play(story, 'alone', withinMs),
          ])
          played += 1
          if (ours.wrong.length === 0) good.exec += 1
          if (theirs.wrong.length === 0) good.alone += 1
          const said = ({ wrong, ms }: typeof ours) => (wrong.length === 0 ? `answers after ${ms} ms` : 'lost')
          console.log(`  clawdbot, ${story.name}: ${said(ours)}; alone: ${said(theirs)}`)
          for (const one of ours.wrong) failures.push(`clawdbot, ${story.name}: ${one}`)
          if (performance.now() > until) return
        }
      } finally {
        await exec.close()
        await alone.close()
      }
    },
    over: () => left.length === 0,
    said: () => `clawdbot: ${good.exec} of ${played} under exec, ${good.alone} alone`,
  }
}
