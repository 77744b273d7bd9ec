import type { Command } from 'commander'
import { webhookSecretVariable } from '../drop-in/register/settings.ts'
import { type DashboardFlags, withDashboard } from './dashboard.ts'

export interface ExecOptions extends Omit<DashboardFlags, 'open'> {
  readonly config?: string
  readonly policy?: string
  readonly observe?: boolean
  readonly expectedNumber?: string
  readonly notifyWebhook?: string
  readonly inspect?: boolean
  readonly exitWhenDeaf?: string
}

export function withExecOptions(command: Command): Command {
  return withDashboard(command)
    .option('--config <module>', 'a module with the options of supervise(), or LIFELINE_CONFIG; flags come first')
    .option('--policy <file>', 'a JSON file with thresholds, listed below')
    .option('--observe', 'only say what would be done; change no file')
    .option('--expected-number <number>', 'undo a scan by any other number')
    .option('--notify-webhook <url>', `post each notice there, signed with ${webhookSecretVariable}`)
    .option('--inspect', 'open a page on this machine that shows the statechart at work')
    .option('--exit-when-deaf <count>', 'exit with code 75 after this many dead connections in a row')
}
