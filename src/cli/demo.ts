import type { Command } from 'commander'
import type { DemoEvent } from '../demo/events.ts'
import { playStory } from '../demo/story.ts'
import { demoScreen } from './demo-screen.ts'
import { print } from './output.ts'
import { paintFor } from './paint.ts'

interface DemoOptions {
  readonly json?: boolean
}

/** `lifeline demo`: the power cut and the unlinked device, played on the fake server. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('watch an account come back from a power cut, on a fake WhatsApp server (under a minute)')
    .option('--json', 'one JSON line for each event, the last one the summary; codes are left out')
    .action(async ({ json }: DemoOptions) => {
      const tell = json ? jsonLines() : demoScreen(print, paintFor(process.stdout))
      const { ok } = await playStory(tell)
      process.exitCode = ok ? 0 : 1
    })
}

function jsonLines(): (event: DemoEvent) => void {
  const startedAt = performance.now()
  return (event) => {
    const atMs = Math.round(performance.now() - startedAt)
    const { type, ...rest } = event
    print(JSON.stringify(event.type === 'code' ? { type, atMs } : { type, atMs, ...rest }))
  }
}
