import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DashboardAddress, readAddress } from '../dashboard/address-file.ts'
import { isProof } from '../dashboard/proof.ts'
import { freshSecret } from '../dashboard/secret.ts'
import type { FailureView } from '../dashboard/wire.ts'
import { LifelineError } from '../errors/errors.ts'
import { ownFolder } from '../stores/layout.ts'

/** The dashboard of the gateway that runs on a folder. */
export interface GatewayDashboard extends DashboardAddress {
  /** What it answers to a question of its owner: a `POST` where a body is given. Rejects with what it refuses with. */
  ask(path: string, body?: object): Promise<object>
}

/** Found by the address that a gateway leaves beside the credentials; rejects where none answers. */
export async function dashboardOf(folder: string): Promise<GatewayDashboard> {
  const address = await readAddress(join(folder, ownFolder))
  if (!address) throw notRunning(folder)
  const token = await tokenOf(address)
  if (token !== undefined && !(await proven(address, token))) throw notRunning(folder)
  return {
    ...address,
    async ask(path, body) {
      const answer = await asked(address, path, token, body).catch(() => undefined)
      if (!answer) throw notRunning(folder)
      const said = (await answer.json()) as object | FailureView
      if (!('error' in said)) return said
      const { code, message, remediation } = said.error
      if (code !== 'TOKEN_NEEDED' || token !== undefined) throw new LifelineError(code, message, remediation)
      throw new LifelineError(
        'DASHBOARD_TOKEN_KEPT',
        'The program that serves this dashboard keeps its token to itself.',
        `Give the same token as ${tokenVariable}.`,
      )
    },
  }
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
const asked = ({ url }: DashboardAddress, path: string, token: string | undefined, body: object | undefined) =>
  fetch(new URL(path, url), {
    method: body === undefined ? 'GET' : 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? { origin: new URL(url).origin } : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const notRunning = (folder: string): LifelineError =>
  new LifelineError(
    'DASHBOARD_NOT_RUNNING',
    `No dashboard answers for ${folder}.`,
    'Start the gateway with `lifeline run --dashboard`, or with createDashboard(…).serve() in your own program.',
  )
