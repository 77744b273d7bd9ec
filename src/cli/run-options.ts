import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import type { PolicyOptions } from '../../machines/index.ts'
import { phoneDigits } from '../line/phone-digits.ts'
import { type QrStyle, qrStyles } from '../terminal/qr-glyphs.ts'
import { withAuth } from './auth-folder.ts'
import { type DashboardFlags, withDashboard } from './dashboard.ts'
import { UsageError } from './failure.ts'

export interface RunOptions extends DashboardFlags {
  readonly auth: string
  readonly account: string
  readonly policy?: string
  readonly logLevel: string
  readonly phone?: string
  readonly waVersion?: string
  readonly proxy?: string
  readonly observe?: boolean
  readonly showCode?: boolean
  readonly qr: QrStyle
  readonly expectedNumber?: string
  readonly inspect?: boolean
  readonly exitWhenDeaf?: string
  readonly json?: boolean
  readonly url?: string
  readonly rootKey?: string
}

const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace']

export function withRunOptions(command: Command): Command {
  return withDashboard(withAuth(command))
    .option('--account <name>', 'a name for logs and notices', 'default')
    .option('--policy <file>', 'a JSON file with thresholds, listed below')
    .option('--phone <number>', 'link with eight characters typed on this phone in place of a scanned code')
    .option('--observe', 'only say what would be done; change no file')
    .option(
      '--wa-version <a.b.c|latest>',
      'the WhatsApp version that Baileys reports, if WhatsApp refuses the one it has; latest: the newest that Baileys can fetch',
    )
    .option('--proxy <url>', 'reach WhatsApp through this proxy (http, https, socks); default: HTTPS_PROXY, ALL_PROXY')
    .option('--expected-number <number>', 'undo a scan by any other number')
    .option('--inspect', 'open a page on this machine that shows the statechart at work')
    .option('--exit-when-deaf <count>', 'exit with code 75 after this many dead connections in a row')
    .option('--show-code', 'draw codes even if the output is not a terminal')
    .addOption(
      new Option('--qr <look>', 'how codes are drawn: sextants need fewer rows').choices(qrStyles).default('auto'),
    )
    .addOption(new Option('--log-level <level>', "Baileys' own log, on stderr").choices(logLevels).default('silent'))
    .option('--json', 'one JSON line for each status and notice')
    .addOption(new Option('--url <url>', 'another server, on this machine').hideHelp())
    .addOption(new Option('--root-key <hex>', 'the key that this server is believed by').hideHelp())
}

/** The thresholds of the file. What is wrong inside is `createLifeline`'s to say. */
export async function policyIn(file: string | undefined): Promise<PolicyOptions> {
  if (file === undefined) return {}
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'
    throw new UsageError(
      `The policy file ${file} ${what}.`,
      'Give a JSON object such as {"reconnect":{"maxMs":60000}}.',
    )
  }
  throw new UsageError(`The policy file ${file} holds no object.`, 'Give {"reconnect":{"maxMs":60000}}, for example.')
}

/** The digits of the phone that is to be linked by characters. */
export function phoneOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const digits = phoneDigits(given)
  if (digits !== undefined) return digits
  throw new UsageError(
    `--phone ${given} is no phone number.`,
    'Give it with its country code, such as +49 170 1234567.',
  )
}

/** How many dead connections in a row end the process; undefined: the process does not end by this. */
export function deafLinks(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (/^[1-9]\d{0,5}$/.test(given)) return Number(given)
  throw new UsageError(`--exit-when-deaf ${given} is not a count.`, 'Give a whole number from 1, such as 3.')
}

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** Another server than WhatsApp's own is for tests, so it has to be on this machine. */
export function testServer({
  url,
  rootKey,
}: RunOptions): { readonly url: string; readonly rootKey?: string } | undefined {
  if (url === undefined) {
    if (rootKey === undefined) return undefined
    throw new UsageError('--root-key goes with --url.', 'Leave it out.')
  }
  if (!URL.canParse(url) || !loopback.has(new URL(url).hostname))
    throw new UsageError(`--url ${url} is not on this machine.`, 'Leave it out, to reach WhatsApp itself.')
  return { url, ...(rootKey === undefined ? {} : { rootKey }) }
}
