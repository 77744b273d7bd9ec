import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type DashboardAddress, readAddress } from '../dashboard/address-file.ts'
import { isLoopback } from '../dashboard/peer.ts'
import { isProof } from '../dashboard/proof.ts'
import { freshSecret } from '../dashboard/secret.ts'
import type { FailureView, LinkView } from '../dashboard/wire.ts'
import { LifelineError } from '../errors/errors.ts'
import { ownFolder } from '../stores/layout.ts'
import { type FolderOptions, withAuth } from './auth-folder.ts'
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
  const address = await readAddress(join(folder, ownFolder))
  if (!address) throw notRunning(folder)
  const token = await tokenOf(address)
  if (token !== undefined && !(await proven(address, token))) throw notRunning(folder)
  const path = owner ? 'api/sign-in/links' : `api/accounts/${encodeURIComponent(address.account)}/links`
  const answer = await asked(address, path, token, minutes).catch(() => undefined)
  if (!answer) throw notRunning(folder)
  const body = (await answer.json()) as LinkView | FailureView
  if ('url' in body) return body
  const { code, message, remediation } = body.error
  if (code === 'TOKEN_NEEDED' && token === undefined)
    throw new LifelineError(
      'DASHBOARD_TOKEN_KEPT',
      'The program that serves this dashboard keeps its token to itself.',
      `Give the same token as ${tokenVariable}.`,
    )
  throw new LifelineError(code, message, remediation)
}

/** For a dashboard whose token is in no file. */
const tokenVariable = 'LIFELINE_DASHBOARD_TOKEN'

async function tokenOf({ tokenFile }: DashboardAddress): Promise<string | undefined> {
  const given = process.env[tokenVariable]
  if (given !== undefined && given !== '') return given
  return tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8').catch(() => '')).trim() || undefined
}

const patienceMs = 10_000

/**
 * Whether the dashboard that wrote the address is still the one that answers there. After a kill the address stays, and
 * anybody may have taken the port: he can prove nothing, and is never sent the token.
 */
async function proven({ url }: DashboardAddress, token: string): Promise<boolean> {
  try {
    const { port } = new URL(url)
    const nonce = freshSecret()
    const answer = await fetch(new URL(`api/proof?nonce=${nonce}`, url), {
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    })
    const text = await bodyOf(answer)
    return answer.ok && isProof(Object(JSON.parse(text)).proof, token, nonce, Number(port || 80))
  } catch {
    return false
  }
}

/** As long as a proof may be; who answers may be anybody. */
const longestProof = 1_000

async function bodyOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body ?? []) {
    parts.push(part)
    length += part.length
    if (length > longestProof) throw new Error('This is no proof.')
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The gateway is asked as its own page would ask: with the token, or as a caller on the same machine. */
const asked = ({ url }: DashboardAddress, path: string, token: string | undefined, minutes: number | undefined) =>
  fetch(new URL(path, url), {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? { origin: new URL(url).origin } : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(minutes === undefined ? {} : { expiresMs: Math.round(minutes * 60_000) }),
  })

const notRunning = (folder: string): LifelineError =>
  new LifelineError(
    'DASHBOARD_NOT_RUNNING',
    `No dashboard answers for ${folder}.`,
    'Start the gateway with `lifeline run --dashboard`, or with createDashboard(…).serve() in your own program.',
  )
