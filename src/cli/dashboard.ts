import { spawn } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Dashboard, DashboardLine } from '../dashboard/index.ts'
import { type Language, languages } from '../languages/language.ts'
import type { Lifeline } from '../line/lifeline.ts'
import { given } from './given.ts'

/** Where `lifeline run --dashboard` serves it, unless told otherwise. */
const defaultPort = 4747

export interface DashboardFlags {
  readonly dashboard?: true | number
  readonly dashboardHost: string
  readonly publicUrl?: string
  readonly trustHost?: readonly string[]
  readonly trustLoopback?: boolean
  readonly trustProxy?: boolean
  readonly language?: Language
  readonly open?: boolean
}

export const portOf = (given: string): number => {
  const port = Number(given)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
}

export const languageFlag = (meaning: string): Option => new Option('--language <tag>', meaning).choices(languages)

export const withDashboard = (command: Command): Command =>
  command
    .addOption(
      new Option('--dashboard [port]', `serve the dashboard on this machine (port ${defaultPort})`).argParser(portOf),
    )
    .option('--dashboard-host <address>', 'the address that it listens on; others need the token', '127.0.0.1')
    .option('--public-url <url>', 'its address for browsers, if a proxy stands before it')
    .option('--trust-host <names...>', 'further host names under which browsers may reach it')
    .option('--trust-loopback', 'let every user of this machine in without the token')
    .option('--trust-proxy', 'tell visitors apart by the X-Forwarded-For of the proxy before it')
    .option('--open', 'open it in the browser, signed in')
    .addOption(languageFlag("the language of the dashboard (default: the browser's own) and of notices"))

/** The options of `createDashboard` that flags name. */
export const dashboardOptionsOf = ({
  publicUrl,
  trustHost,
  trustLoopback,
  trustProxy,
  language,
}: Omit<DashboardFlags, 'open'>) => given({ publicUrl, trustedHosts: trustHost, trustLoopback, trustProxy, language })

export interface OpenDashboard {
  readonly url: string
  readonly dashboard: Dashboard
  /** What people are told on a terminal: a link that signs in once. */
  readonly link: string
  /** What a log is told: its address, and how to get in. */
  readonly words: string
}

/** Serves it for as long as the gateway runs. Undefined if it was not asked for. */
export async function openDashboard(line: Lifeline, flags: DashboardFlags): Promise<OpenDashboard | undefined> {
  const { dashboard: asked, dashboardHost: host, publicUrl, open } = flags
  if (asked === undefined && publicUrl === undefined && open !== true) return undefined
  const { createDashboard } = await import('../dashboard/index.ts')
  const dashboard = createDashboard(line, dashboardOptionsOf(flags))
  try {
    const { url } = await dashboard.serve({ port: typeof asked === 'number' ? asked : defaultPort, host })
    const { ownFolder }: DashboardLine = line
    if (open) await openInBrowser(dashboard.signInUrl(), ownFolder)
    return { url, dashboard, link: linkWords(dashboard.signInUrl()), words: plainWords(url) }
  } catch (error) {
    await dashboard.close()
    throw error
  }
}

export const linkWords = (link: string): string =>
  `Dashboard: ${link} signs you in once, within 15 minutes. Later: npx baileys-lifeline link --owner.`

export const plainWords = (url: string): string =>
  `Dashboard: ${url} To get in, run npx baileys-lifeline link --owner, or take the token from .lifeline/dashboard-token beside the credentials.`

const openers: Partial<Readonly<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/**
 * A machine without a browser has the link on the screen. Arguments are seen by every user of a machine, so what is
 * handed over is a file that its owner alone can read, and that leads on to the link.
 */
async function openInBrowser(link: string, ownFolder: string | undefined): Promise<void> {
  const target = ownFolder === undefined ? undefined : await leadTo(link, ownFolder).catch(() => undefined)
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...args, target ?? new URL('./', link).href], {
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
  })
  child.on('error', () => undefined)
  child.unref()
}

async function leadTo(link: string, ownFolder: string): Promise<string> {
  const file = resolve(ownFolder, 'sign-in.html')
  await rm(file, { force: true })
  const words = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${link}"><title>Lifeline</title>\n`
  await writeFile(file, words, { mode: 0o600, flag: 'wx' })
  return pathToFileURL(file).href
}
