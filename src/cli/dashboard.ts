import { spawn } from 'node:child_process'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Dashboard } from '../dashboard/index.ts'
import type { Lifeline } from '../index.ts'

/** Where `lifeline run --dashboard` serves it, unless told otherwise. */
const defaultPort = 4747

export interface DashboardFlags {
  readonly dashboard?: true | number
  readonly dashboardHost: string
  readonly publicUrl?: string
  readonly trustHost?: readonly string[]
  readonly open?: boolean
}

export const portOf = (given: string): number => {
  const port = Number(given)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
}

export const withDashboard = (command: Command): Command =>
  command
    .addOption(
      new Option('--dashboard [port]', `serve the dashboard on this machine (port ${defaultPort})`).argParser(portOf),
    )
    .option('--dashboard-host <address>', 'the address that it listens on; others need the token', '127.0.0.1')
    .option('--public-url <url>', 'its address for browsers, if a proxy stands before it')
    .option('--trust-host <names...>', 'further host names under which browsers may reach it')
    .option('--open', 'open it in the browser')

export interface OpenDashboard {
  readonly url: string
  readonly dashboard: Dashboard
  /** What people are told: its address, and how to get in. */
  readonly words: string
}

/** Serves it for as long as the gateway runs. Undefined if it was not asked for. */
export async function openDashboard(line: Lifeline, flags: DashboardFlags): Promise<OpenDashboard | undefined> {
  const { dashboard: asked, dashboardHost: host, publicUrl, trustHost, open } = flags
  if (asked === undefined && publicUrl === undefined && open !== true) return undefined
  const { createDashboard } = await import('../dashboard/index.ts')
  const dashboard = createDashboard(line, {
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(trustHost === undefined ? {} : { trustedHosts: trustHost }),
  })
  try {
    const { url } = await dashboard.serve({ port: typeof asked === 'number' ? asked : defaultPort, host })
    if (open) openInBrowser(url)
    const token =
      host === '127.0.0.1' && publicUrl === undefined
        ? ''
        : ' The token to sign in stands in .lifeline/dashboard-token beside the credentials.'
    return { url, dashboard, words: `Dashboard: ${url}${token}` }
  } catch (error) {
    await dashboard.close()
    throw error
  }
}

const openers: Partial<Readonly<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** A machine without a browser has the address on the screen. */
function openInBrowser(url: string): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true, windowsHide: true })
  child.on('error', () => undefined)
  child.unref()
}
