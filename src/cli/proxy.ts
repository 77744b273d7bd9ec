import type { Agent } from 'node:https'
import { LifelineError } from '../errors/errors.ts'
import { UsageError } from './failure.ts'
import { complain } from './output.ts'

const protocols: ReadonlySet<string> = new Set([
  ...['http:', 'https:', 'socks:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:'],
])
/** In the order in which they count; `NO_PROXY` names hosts that are reached without one. */
const variables = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const

/**
 * The agent that Baileys is to connect through: the proxy given, else that of `HTTPS_PROXY` or `ALL_PROXY`. Undefined
 * if there is none. `proxy-agent` does the work, an optional peer. Without it a proxy that was given is an error, and
 * one of the environment is said to be left out.
 */
export async function proxyAgent(
  given: string | undefined,
  env = process.env,
  load = () => import('proxy-agent'),
): Promise<Agent | undefined> {
  const variable = variables.find((name) => (env[name] ?? '') !== '')
  const url = given ?? (variable === undefined ? undefined : env[variable])
  if (url === undefined) return undefined
  // The address may hold a password, so it is not repeated.
  if (!URL.canParse(url) || !protocols.has(new URL(url).protocol))
    throw new UsageError(
      `${given === undefined ? variable : '--proxy'} is not the address of a proxy.`,
      'Give an address such as http://127.0.0.1:3128 or socks5://127.0.0.1:1080.',
    )
  const loaded = await load().catch(() => undefined)
  if (!loaded) return withoutPackage(given === undefined)
  const { ProxyAgent } = loaded
  if (given !== undefined) return new ProxyAgent({ getProxyForUrl: () => given }) as unknown as Agent
  const agent = new ProxyAgent()
  const { getProxyForUrl } = agent
  // A WebSocket is a request like any other to a proxy; the package would look for WSS_PROXY.
  agent.getProxyForUrl = (target, request) => getProxyForUrl(target.replace(/^ws/, 'http'), request)
  return agent as unknown as Agent
}

function withoutPackage(mayGoWithout: boolean): undefined {
  const cure = 'Run `npm install proxy-agent`, and run this again.'
  if (!mayGoWithout) throw new LifelineError('PROXY_AGENT_MISSING', 'A proxy needs the package proxy-agent.', cure)
  complain(`The proxy of the environment is left out: the package proxy-agent is not installed. ${cure}`)
  return undefined
}
