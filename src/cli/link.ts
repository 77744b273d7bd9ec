import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { isLoopback } from '../dashboard/peer.ts'
import type { LinkView } from '../dashboard/wire.ts'
import { type FolderOptions, withAuth } from './auth-folder.ts'
import { dashboardOf } from './gateway-dashboard.ts'
import { complain, print } from './output.ts'

interface LinkOptions extends FolderOptions {
  readonly minutes?: number
  readonly owner?: boolean
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
    .option('--owner', 'a link that signs you in to the whole dashboard instead')
    .option('--json', 'the link and its end as one JSON document')
    .action(async (options: LinkOptions) => {
      const { auth, json, owner } = options
      const { url, expiresAt } = await linkFrom(resolve(auth), options)
      if (json) print(JSON.stringify({ url, expiresAt }))
      else print(url)
      if (!json)
        complain(
          `It works once, until ${new Date(expiresAt).toTimeString().slice(0, 5)}. ${owner ? 'Whoever opens it can do everything.' : 'Whoever opens it can link a phone.'}`,
        )
      if (!json && isLoopback(new URL(url).hostname))
        complain(
          'It leads to this machine alone. For another device, run the gateway with --dashboard-host or --public-url.',
        )
    })
}

async function linkFrom(folder: string, { minutes, owner }: LinkOptions): Promise<LinkView> {
  const dashboard = await dashboardOf(folder)
  const path = owner ? 'api/sign-in/links' : `api/accounts/${encodeURIComponent(dashboard.account)}/links`
  const lasting = minutes === undefined ? {} : { expiresMs: Math.round(minutes * 60_000) }
  return (await dashboard.ask(path, lasting)) as LinkView
}
