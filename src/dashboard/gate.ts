import type { CheckedDashboardOptions } from './options.ts'
import { type Caller, isAddress, isLoopback } from './peer.ts'
import { Refusal } from './refusal.ts'
import type { Session, Sessions } from './sessions.ts'
import { isToken } from './token.ts'
import type { WrongTries } from './wrong-tries.ts'

/** Whom a request comes from, and what says so. */
export interface Viewer {
  readonly who: 'nobody' | 'owner' | 'guest'
  readonly by: 'nothing' | 'bearer' | 'cookie' | 'loopback'
  readonly session?: Session
}

interface GateParts {
  readonly options: CheckedDashboardOptions
  readonly token: () => string | undefined
  readonly sessions: Sessions
  readonly tries: WrongTries
}

/** What a visitor shows in order to be let in. */
type Shown = 'token' | 'link' | 'sign-in'

class NotLetIn extends Refusal {
  constructor(message: string, remediation: string) {
    super(401, 'TOKEN_WRONG', message, remediation)
  }
}

/** Who holds a link knows of no token. */
const notLetIn: Readonly<Record<Shown, () => NotLetIn>> = {
  token: () =>
    new NotLetIn(
      'This does not let you in.',
      'Take the token from the file .lifeline/dashboard-token beside the credentials, or make a link with lifeline link --owner.',
    ),
  link: () =>
    new NotLetIn(
      'This link does not work any more.',
      'It works once, and for a short time. Ask whoever sent it for a new one.',
    ),
  'sign-in': () =>
    new NotLetIn(
      'This link does not sign you in any more.',
      'It works once, and for a short time. Make a new one with lifeline link --owner, or give the token.',
    ),
}

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

const hostnameOf = (host: string): string | undefined =>
  URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : undefined

/** Says who may come in. Every rule of it has an attack in the tests. */
export class Gate {
  readonly #parts: GateParts

  constructor(parts: GateParts) {
    this.#parts = parts
  }

  /** A browser that a foreign name was rebound to this machine for sends that name: refused, whatever it asks for. */
  checkHost(request: Request): void {
    const { publicUrl, trustedHosts } = this.#parts.options
    for (const name of this.#names(request)) {
      if (
        name === undefined ||
        !(isAddress(name) || isLoopback(name) || trustedHosts.has(name) || name === publicUrl?.hostname)
      )
        throw new Refusal(
          421,
          'HOST_UNKNOWN',
          'The dashboard is not known by this host name.',
          'Call it by its IP address or as localhost, or add the name to the option trustedHosts or publicUrl.',
        )
    }
  }

  /** What changes something has to come from the dashboard's own page, or from a program that shows the token. */
  checkOrigin(request: Request, viewer: Pick<Viewer, 'by'>): void {
    const origin = request.headers.get('origin')
    const site = request.headers.get('sec-fetch-site')
    const foreignSite = site !== null && site !== 'same-origin' && !(site === 'none' && safe.has(request.method))
    const missing = origin === null && !safe.has(request.method) && viewer.by !== 'bearer'
    if (!foreignSite && !missing && (origin === null || this.#isOwn(origin, request))) return
    throw new Refusal(
      403,
      'ORIGIN_FOREIGN',
      'This request does not come from the page of the dashboard.',
      'Use the page itself, or send the token as a bearer. Behind a proxy, give the option publicUrl.',
    )
  }

  identify(request: Request, caller: Caller): Viewer {
    const { token, sessions } = this.#parts
    const [, bearer] = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '') ?? []
    if (bearer !== undefined) {
      this.tried(request, caller, () => isToken(bearer, token()))
      return { who: 'owner', by: 'bearer' }
    }
    const secret = this.cookieOf(request)
    const session = secret === undefined ? undefined : sessions.find(secret)
    if (session) return { who: session.who, by: 'cookie', session }
    if (this.#isLocal(request, caller)) return { who: 'owner', by: 'loopback' }
    return { who: 'nobody', by: 'nothing' }
  }

  /**
   * What the secret leads to, as `look` finds it. It is looked at first, so that wrong ones, whoever sent them, never
   * stop a right one. Wrong ones are counted by address: past a limit they are told to wait.
   */
  tried<T>(request: Request, caller: Caller, look: () => T, shown: Shown = 'token'): NonNullable<T> {
    const { tries } = this.#parts
    const found = look()
    if (found) return found
    const address = this.#addressOf(request, caller)
    const waitMs = tries.waitMs(address)
    if (waitMs > 0)
      throw new Refusal(
        429,
        'TOO_MANY_TRIES',
        'Too many wrong tokens or links came from this address.',
        `Wait ${Math.ceil(waitMs / 1_000)} s and try again.`,
        waitMs,
      )
    tries.add(address)
    throw notLetIn[shown]()
  }

  /** Whether a proxy has passed it on, as far as it says so. */
  isForwarded(request: Request): boolean {
    return forwarded.some((header) => request.headers.has(header))
  }

  /** By port, since the browser sends a cookie to every port of a host. */
  cookieName(request: Request): string {
    return `lifeline_${new URL(request.url).port || 'session'}`
  }

  cookieOf(request: Request): string | undefined {
    const name = `${this.cookieName(request)}=`
    const pairs = (request.headers.get('cookie') ?? '').split(/; */)
    return pairs.find((pair) => pair.startsWith(name))?.slice(name.length)
  }

  /** What `Set-Cookie` says; with no value, that the cookie is over. */
  cookie(request: Request, value: string | undefined, lastsMs: number): string {
    const { publicUrl, basePath, trustProxy } = this.#parts.options
    const secure =
      publicUrl?.protocol === 'https:' ||
      new URL(request.url).protocol === 'https:' ||
      (trustProxy && request.headers.get('x-forwarded-proto') === 'https')
    const parts = [`${this.cookieName(request)}=${value ?? ''}`, `Path=${basePath}/`, 'HttpOnly', 'SameSite=Strict']
    return [
      ...parts,
      `Max-Age=${value === undefined ? 0 : Math.floor(lastsMs / 1_000)}`,
      ...(secure ? ['Secure'] : []),
    ].join('; ')
  }

  #names(request: Request): readonly (string | undefined)[] {
    const host = request.headers.get('host')
    return [new URL(request.url).hostname.toLowerCase(), ...(host === null ? [] : [hostnameOf(host)])]
  }

  #isOwn(origin: string, request: Request): boolean {
    if (!URL.canParse(origin)) return false
    const { host } = new URL(origin)
    return origin === this.#parts.options.publicUrl?.origin || host === new URL(request.url).host
  }

  /**
   * A visitor who came through a proxy on this machine looks local by his address: what proxies add, or leave out,
   * gives him away.
   */
  #isLocal(request: Request, { address, httpVersion }: Caller): boolean {
    return (
      this.#parts.options.trustLoopback &&
      address !== undefined &&
      isLoopback(address) &&
      httpVersion !== '1.0' &&
      this.#names(request).every((name) => name !== undefined && isLoopback(name)) &&
      !this.isForwarded(request)
    )
  }

  #addressOf(request: Request, { address = 'unknown' }: Caller): string {
    if (!this.#parts.options.trustProxy) return address
    return request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() || address
  }
}
