import { Hono } from 'hono'
import { callerOf, type FetchEnv } from './peer.ts'
import { failureResponse, Refusal, refusalOf } from './refusal.ts'
import { type Call, type Route, type RouteParts, routes } from './routes.ts'

/** On every answer. The page has no inline code and asks nobody but the gateway. */
const headers: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; manifest-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'x-robots-tag': 'noindex',
}

type Env = { Bindings: { readonly env: FetchEnv | undefined } }
type Fetch = (request: Request, env?: FetchEnv) => Promise<Response>

/** The dashboard as a web-standard handler. */
export function appOf(parts: RouteParts): Fetch {
  const { basePath } = parts.options
  const within = (path: string): string => (path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path)
  const app = new Hono<Env>({ getPath: (request) => within(new URL(request.url).pathname) })
  for (const route of routes)
    app.on(route.method, route.path, ({ req, env }) =>
      enter(parts, route, { request: req.raw, caller: callerOf(env.env), param: (name) => String(req.param(name)) }),
    )
  for (const path of new Set(routes.map((route) => route.path)))
    app.all(path, () => {
      const allow = routes.filter((route) => route.path === path).map(({ method }) => method)
      throw new Refusal(405, 'METHOD_WRONG', 'This address is not used so.', `Methods here: ${allow.join(', ')}.`)
    })
  app.notFound(() => {
    throw new Refusal(404, 'NOT_FOUND', 'There is nothing at this address.', 'Open the dashboard at its root.')
  })
  app.onError((error) => failureResponse(refusalOf(error)))
  return async (request, env) => {
    // Relative addresses of the page need the slash at the end.
    if (basePath !== '' && new URL(request.url).pathname === basePath)
      return guarded(new Response(null, { status: 308, headers: { location: `${basePath}/` } }))
    return guarded(
      await answered(
        () => parts.gate.checkHost(request),
        () => app.fetch(request, { env }),
      ),
    )
  }
}

async function answered(check: () => void, answer: () => Response | Promise<Response>): Promise<Response> {
  try {
    check()
    return await answer()
  } catch (error) {
    return failureResponse(refusalOf(error))
  }
}

function guarded(response: Response): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
  return response
}

/** Lets the caller through to the route, if he may. */
async function enter(parts: RouteParts, route: Route, found: Omit<Call, 'viewer'>): Promise<Response> {
  const { request, caller } = found
  const viewer = parts.gate.identify(request, caller)
  if (route.door !== 'page') parts.gate.checkOrigin(request, viewer)
  if (viewer.who === 'nobody' && (route.door === 'viewer' || route.door === 'owner'))
    throw new Refusal(
      401,
      'TOKEN_NEEDED',
      'Nobody is signed in here.',
      'Sign in with the token, which stands in .lifeline/dashboard-token beside the credentials, or with a link that `lifeline link --owner` makes.',
    )
  if (viewer.who === 'guest' && route.door === 'owner')
    throw new Refusal(403, 'GUEST', 'A one-time link shows the code, and nothing else.', 'Sign in with the token.')
  return route.answer(parts, { ...found, viewer })
}
