import type { Lifeline } from '../../line/lifeline.ts'
import type { Notifier } from '../../notices/notifier.ts'
import { folders } from '../folders.ts'
import { superviseWith } from '../supervise.ts'
import { configIn } from './config.ts'
import { remember } from './remember.ts'
import { say } from './seen.ts'
import {
  configVariable,
  type DashboardSettings,
  type ExecConfig,
  settingsIn,
  webhookSecretVariable,
} from './settings.ts'

let options: Promise<ExecConfig> | undefined

/**
 * The namespace of a Baileys, supervised as the environment says. `url`: its main file. Rejects if the environment is
 * wrong.
 */
export async function superviseHere(namespace: object, url: string): Promise<object> {
  options ??= optionsHere()
  const { dashboard, exitWhenDeaf, ...rest } = await options
  const onOpened = (folder: string) => {
    if (known.has(folder)) return
    known.add(folder)
    void remember({ folder, baileys: url })
  }
  return superviseWith(namespace, rest, { say, onOpened })
}

/** Folders that were remembered in this process. */
const known = new Set<string>()

/** What the environment says; read once, with the first folder that is opened. */
export async function optionsHere(): Promise<ExecConfig> {
  const path = process.env[configVariable]
  const { webhook, inspect, ...flags } = settingsIn(process.env)
  const config = path === undefined || path === '' ? {} : await configIn(path)
  const all = { ...config, ...flags, policy: { ...config.policy, ...flags.policy } }
  if (webhook) {
    const channels = await import('../../notices/webhook.ts')
    all.notify = [
      ...listOf(config.notify),
      channels.webhook({ ...webhook, secret: process.env[webhookSecretVariable] ?? '' }),
    ]
  }
  if (inspect) {
    const { inspector } = await import('../../inspect/index.ts')
    const opened = await inspector()
    say(`inspector: ${opened.url}`)
    all.inspect = opened.inspect
  }
  const { dashboard, exitWhenDeaf } = all
  if (dashboard) void serve(dashboard === true ? {} : dashboard)
  if (exitWhenDeaf !== undefined) endWhenDeaf(exitWhenDeaf)
  return all
}

const listOf = (notify: ExecConfig['notify']): readonly Notifier[] =>
  Array.isArray(notify) ? notify : notify === undefined ? [] : [notify as Notifier]

/** Where a dashboard is, unless told otherwise. */
const usualPort = 4747

/** The gateway goes on without its dashboard. */
async function serve({ port = usualPort, host = '127.0.0.1', ...rest }: DashboardSettings): Promise<void> {
  try {
    const { createDashboard } = await import('../../dashboard/index.ts')
    const dashboard = createDashboard(folders(), rest)
    const { url } = await dashboard.serve({ port, host })
    // A log is read by others too, so a link that signs in is for a terminal alone.
    say(
      process.stderr.isTTY
        ? `dashboard: ${dashboard.signInUrl()} signs you in once, within 15 minutes`
        : `dashboard: ${url} (to get in: npx baileys-lifeline link --owner)`,
    )
  } catch (error) {
    const { message, remediation = '' } = error as { message: string; remediation?: string }
    say(`no dashboard: ${message} ${remediation}`)
  }
}

/** A process in which every new connection stays dead is ended, for its manager to start a new one. */
function endWhenDeaf(count: number): void {
  const watched = new WeakSet<Lifeline>()
  const watch = async () => {
    const { deafInARow } = await import('../../line/deaf-links.ts')
    for (const line of folders().lines()) {
      if (watched.has(line)) continue
      watched.add(line)
      void deafInARow(line, count).then(() => {
        say(
          `${count} connections in a row were dead and brought no message. This process ends, so that a new one can start.`,
        )
        process.exit(75)
      })
    }
  }
  folders().on('change', () => void watch())
}
