import { readdir } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import type { Language } from '../languages/language.ts'
import type { DemoEvent, Tell } from '../rehearsal/demo/events.ts'
import type { GatewayDemoEvent } from '../rehearsal/demo/gateway-events.ts'
import { languageFlag, portOf } from './dashboard.ts'
import { exitCodeOf, UsageError } from './failure.ts'
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

/** What is played, loaded only then: a clear word if Baileys is missing, before the demo's own modules ask for it. */
const stories = {
  one: () => projectBaileys().then(async () => (await import('../rehearsal/demo/story.ts')).playStory),
  gateways: () => projectBaileys().then(async () => (await import('../rehearsal/demo/gateway-story.ts')).playGateways),
}

/** `lifeline demo`: the power cut and the unlinked device, played on the fake server. */
export function addDemo(program: Command, { one, gateways }: typeof stories = stories): void {
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
      if (gateway) {
        if (keep !== undefined || stay || port !== 0)
          throw new UsageError(
            '--gateway has no dashboard and keeps no folder.',
            'Leave out --keep, --port and --stay.',
          )
        return besideEachOther(json === true, gateways)
      }
      if (keep !== undefined) await refuseFull(keep)
      const tell = json ? jsonLines() : await screen()
      const playStory = await one()
      const { demoDashboard, untilInterrupted } = await import('./demo-dashboard.ts')
      const dashboard = await demoDashboard(port, language)
      try {
        tell({ type: 'dashboard', url: dashboard.url, stays: stay === true })
        const { ok } = await playStory(tell, { keep, onLine: (line) => dashboard.show(line) })
        process.exitCode = exitCodeOf(ok)
        if (stay) await untilInterrupted()
      } finally {
        await dashboard.close()
      }
    })
}

async function besideEachOther(json: boolean, gateways: typeof stories.gateways): Promise<void> {
  const play = await gateways()
  const { gatewayScreen } = await import('./demo-gateway.ts')
  const tell = json ? jsonLines() : gatewayScreen(print, paintFor(process.stdout))
  process.exitCode = exitCodeOf(await play(tell))
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

function jsonLines(): (event: DemoEvent | GatewayDemoEvent) => void {
  const startedAt = performance.now()
  return (event) => {
    const atMs = Math.round(performance.now() - startedAt)
    const { type, ...rest } = event
    print(JSON.stringify(type === 'code' ? { type, atMs } : { type, atMs, ...rest }))
  }
}
