import { resolve } from 'node:path'
import { checkConfig, configIn } from '../drop-in/register/config.ts'
import { configVariable, type Settings, settingsVariable, webhookSecretVariable } from '../drop-in/register/settings.ts'
import { LifelineError } from '../errors/errors.ts'
import { dashboardOptionsOf } from './dashboard.ts'
import type { ExecOptions } from './exec-options.ts'
import { UsageError } from './failure.ts'
import { given } from './given.ts'
import { deafLinks, policyIn } from './run-options.ts'

/** What the program is told in its environment, checked before it is started. */
export async function environmentOf(options: ExecOptions): Promise<Record<string, string>> {
  const settings = await settingsOf(options)
  checkConfig(settingsAlone(settings))
  const config = options.config ?? process.env[configVariable]
  if (config !== undefined && config !== '') await configIn(config).catch(asUsage)
  return {
    [settingsVariable]: JSON.stringify(settings),
    ...(options.config === undefined ? {} : { [configVariable]: resolve(options.config) }),
  }
}

async function settingsOf(options: ExecOptions): Promise<Settings> {
  const { policy, observe, expectedNumber, language, notifyWebhook, inspect, exitWhenDeaf } = options
  const deaf = deafLinks(exitWhenDeaf)
  const dashboard = dashboardOf(options)
  return {
    ...(policy === undefined ? {} : { policy: await policyIn(policy) }),
    ...(observe ? { mode: 'observe' as const } : {}),
    ...given({ expectedNumber, language }),
    ...(notifyWebhook === undefined ? {} : { webhook: await webhookOf(notifyWebhook) }),
    ...given({ inspect, exitWhenDeaf: deaf, dashboard }),
  }
}

const settingsAlone = ({ webhook: _, inspect: __, ...settings }: Settings) => settings

function dashboardOf(options: ExecOptions): Settings['dashboard'] {
  const { dashboard, dashboardHost: host, publicUrl } = options
  if (dashboard === undefined && publicUrl === undefined) return undefined
  return {
    host,
    ...(typeof dashboard === 'number' ? { port: dashboard } : {}),
    ...dashboardOptionsOf(options),
  }
}

async function webhookOf(url: string): Promise<{ readonly url: string }> {
  const secret = process.env[webhookSecretVariable]
  if (secret === undefined || secret === '')
    throw new UsageError(
      `--notify-webhook needs a secret to sign with, and ${webhookSecretVariable} is not set.`,
      `Set ${webhookSecretVariable} to 16 characters or more, and give the receiver the same.`,
    )
  const { webhook } = await import('../notices/webhook.ts')
  webhook({ url, secret })
  return { url }
}

/** Whatever is wrong with the module, it was named here. */
function asUsage(error: unknown): never {
  throw error instanceof LifelineError ? new UsageError(error.message, error.remediation) : error
}
