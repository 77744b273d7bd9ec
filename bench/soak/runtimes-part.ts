import { bot } from '../../test/installed/bot.ts'
import { fetchedRuntime, runtimes, versionOf } from '../../test/installed/runtimes.ts'
import { Stranger } from '../../test/installed/stranger.ts'
import type { Part } from './part.ts'

const demo = 'node_modules/baileys-lifeline/lib/lifeline.js'

/** The embed and the demo in a stranger's project, on each runtime once. */
export function runtimesPart(): Part {
  const failures: string[] = []
  const played: string[] = []
  const left = [...runtimes]
  return {
    failures,
    work: async (until) => {
      for (let row = left.shift(); row; row = left.shift()) {
        const stranger = await Stranger.with({ baileys: '@whiskeysockets/baileys' })
        try {
          const runtime = await fetchedRuntime(row)
          const name = `${row.name} (${await versionOf(runtime)})`
          await stranger.write('main.mjs', bot('baileys'))
          const embed = await stranger.runUnder(runtime, 'main.mjs')
          const shown = await stranger.runUnder(runtime, demo, 'demo')
          if (embed.code !== 0 || !embed.output.includes('answered pong'))
            failures.push(`${name}: the embed ended with ${embed.code}: ${embed.output.slice(-2_000)}`)
          if (shown.code !== 0)
            failures.push(`${name}: the demo ended with ${shown.code}: ${shown.output.slice(-2_000)}`)
          played.push(name)
        } catch (error) {
          failures.push(`${row.name}: ${error instanceof Error ? error.message : error}`)
        } finally {
          await stranger.remove()
        }
        if (performance.now() > until) return
      }
    },
    over: () => left.length === 0,
    said: () => `the embed and the demo on ${played.join(', ') || 'no runtime yet'}`,
  }
}
