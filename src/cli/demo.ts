import { readdir } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import type { Language } from '../languages/language.ts'
import type { DemoEvent, Tell } from '../rehearsal/demo/events.ts'
import { languageFlag, portOf } from './dashboard.ts'
import { exitCodes, UsageError } from './failure.ts'
import { print } from './output.ts'
import { paintFor } from './paint.ts'
import { projectBaileys } from './project-baileys.ts'

interface DemoOptions {
  readonly json?: boolean
  readonly keep?: string
  readonly port: number
  readonly stay?: boolean
  readonly gateway?: boolean
  readonly language?: Language
}

/** `lifeline demo`: the power cut and the unlinked device, played on the fake server. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('watch an account come back from a power cut, on a fake WhatsApp server (under a minute)')
    .option('--keep <folder>', "keep the account's folder there, for doctor and quarantine list")
    .option('--json', 'one JSON line for each event, the last one the summary; codes are left out')
    .addOption(
      new Option('--port <port>', 'the port the port of its dashboard')
        .default(0, 'any that is free')
        .argParser(portOf),
    )
    .option('--stay', 'keep the dashboard open at the end, until Ctrl-C')
    .addOption(languageFlag("the language of its dashboard (default: the browser's own)"))
    .option('--gateway', 'a reconnect loop as everybody writes it, as it is and under exec, side by side (under 90 s)')
    .action(async ({ json, keep, port, stay, gateway, language }: DemoOptions) => {
      if (gateway) return besideEachOther(json === true, keep !== undefined || stay === true || port !== 0)
      if (keep !== undefined) await refuseFull(keep)
      const tell = json ? jsonLines() : await screen()
      // A clear word if Baileys is missing, before the demo's own modules ask for it.
      await projectBaileys()
      const { playStory } = await import('../rehearsal/demo/story.ts')
      const { demoDashboard, untilInterrupted } = await import('./demo-dashboard.ts')
      const dashboard = await demoDashboard(port, language)
      try {
        tell({ type: 'dashboard', url: dashboard.url, stays: stay === true })
        const { ok } = await playStory(tell, { keep, onLine: (line) => dashboard.show(line) })
        process.exitCode = ok ? exitCodes.well : exitCodes.failure
        if (stay) await untilInterrupted()
      } finally {
        await dashboard.close()
      }
    })
}

async function besideEachOther(json: boolean, others: boolean): Promise<void> {
  if (others)
    throw new UsageError('--gateway has no dashboard and keeps no folder.', 'Leave out --keep, --port and --stay.')
  await projectBaileys()
  const { playGateways } = await import('../rehearsal/demo/gateway-story.ts')
  const { gatewayScreen } = await import('./demo-gateway.ts')
  const startedAt = performance.now()
  const tell = json
    ? (event: object) => print(JSON.stringify({ atMs: Math.round(performance.now() - startedAt), ...event }))
    : gatewayScreen(print, paintFor(process.stdout))
  process.exitCode = (await playGateways(tell)) ? exitCodes.well : exitCodes.failure
}

/** The demo damages what it finds, so it plays in no folder that holds something. */
async function refuseFull(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  if (names.length > 0) throw new UsageError(`${folder} is not empty.`, 'Give --keep a folder that is new or empty.')
}

async function screen(): Promise<Tell> {
  const { demoScreen } = await import('./demo-screen.ts')
  return demoScreen(print, paintFor(process.stdout))
}

function jsonLines(): Tell {
  const startedAt = performance.now()
  return (event: DemoEvent) => {
    const atMs = Math.round(performance.now() - startedAt)
    const { type, ...rest } = event
    print(JSON.stringify(type === 'code' ? { type, atMs } : { type, atMs, ...rest }))
  }
}
