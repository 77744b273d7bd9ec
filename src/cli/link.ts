import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type DashboardAddress, readAddress } from '../dashboard/address-file.ts'
import { isLoopback } from '../dashboard/peer.ts'
import type { FailureView, LinkView } from '../dashboard/wire.ts'
import { LifelineError } from '../errors/errors.ts'
import { ownFolder } from '../stores/layout.ts'
import { type FolderOptions, withAuth } from './auth-folder.ts'
import { complain, print } from './output.ts'

interface LinkOptions extends FolderOptions {
  readonly minutes?: number
}

const mostMinutes = 7 * 24 * 60

const minutesOf = (given: string): number => {
  const minutes = Number(given)
  if (minutes >= 1 && minutes <= mostMinutes) return minutes
  throw new InvalidArgumentError(`Give 1 to ${mostMinutes} minutes.`)
}

/**
 * `lifeline link`: a one-time link to the code of an account that is supervised elsewhere on this machine, to send to
 * the owner of its phone.
 */
export function addLink(program: Command): void {
  withAuth(program.command('link'))
    .description(
      'make a one-time link that shows the code of this account, and nothing else, for the owner of its phone',
    )
    .addOption(new Option('--minutes <n>', 'how long it works (default: 15)').argParser(minutesOf))
    .option('--json', 'the link and its end as one JSON document')
    .action(async ({ auth, minutes, json }: LinkOptions) => {
      const folder = resolve(auth)
      const { url, expiresAt } = await linkFrom(folder, minutes)
      if (json) print(JSON.stringify({ url, expiresAt }))
      else print(url)
      if (!json)
        complain(
          `It works once, until ${new Date(expiresAt).toTimeString().slice(0, 5)}. Whoever opens it can link a phone.`,
        )
      if (!json && isLoopback(new URL(url).hostname))
        complain(
          'It leads to this machine alone. For another device, run the gateway with --dashboard-host or --public-url.',
        )
    })
}

async function linkFrom(folder: string, minutes: number | undefined): Promise<LinkView> {
  const address = await readAddress(join(folder, ownFolder))
  if (!address) throw notRunning(folder)
  const answer = await asked(address, minutes).catch(() => undefined)
  if (!answer) throw notRunning(folder)
  const body = (await answer.json()) as LinkView | FailureView
  if ('url' in body) return body
  const { code, message, remediation } = body.error
  throw new LifelineError(code, message, remediation)
}

/** The gateway is asked as its own page would ask: with the token, or as a caller on the same machine. */
async function asked({ url, account, tokenFile }: DashboardAddress, minutes: number | undefined): Promise<Response> {
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim()
  return fetch(new URL(`api/accounts/${encodeURIComponent(account)}/links`, url), {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? { origin: new URL(url).origin } : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(minutes === undefined ? {} : { expiresMs: Math.round(minutes * 60_000) }),
  })
}

const notRunning = (folder: string): LifelineError =>
  new LifelineError(
    'DASHBOARD_NOT_RUNNING',
    `No dashboard answers for ${folder}.`,
    'Start the gateway with `lifeline run --dashboard`, or with createDashboard(…).serve() in your own program.',
  )
