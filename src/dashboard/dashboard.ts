import { join } from 'node:path'
import { LifelineError } from '../errors/errors.ts'
import { millisecondsOption } from '../errors/wrong-option.ts'
import { AccountViews } from './account-views.ts'
import { removeAddress, writeAddress } from './address-file.ts'
import { appOf } from './app.ts'
import { Audience } from './audience.ts'
import { type ConnectionLimits, connectionLimits } from './connection-limits.ts'
import { Gate } from './gate.ts'
import { type DashboardLine, type LineSource, sourceOf } from './lines.ts'
import { Links, longestLinkMs } from './links.ts'
import { MetricsPage } from './metrics-page.ts'
import { type CheckedDashboardOptions, checkDashboardOptions, type DashboardOptions } from './options.ts'
import { PageFiles } from './page-files.ts'
import { type FetchEnv, isLoopback } from './peer.ts'
import { listen, localHost, type NodeListener, nodeListener, reachableHost } from './serving.ts'
import { Sessions } from './sessions.ts'
import { tokenIn } from './token.ts'
import { WrongTries } from './wrong-tries.ts'

/** Where a dashboard listens. */
export interface ServeOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** Default `127.0.0.1`: this machine alone. Any other needs a token. */
  readonly host?: string
}

/** A dashboard that listens. */
export interface ServedDashboard {
  /** Where it is reached, with a slash at its end; never holds a secret. */
  readonly url: string
  /** The port that it listens on. */
  readonly port: number
  /** Stops listening and cuts every viewer off. The dashboard can be served again. */
  close(): Promise<void>
}

/** The page on which people see their accounts, and its server. */
export interface Dashboard {
  /**
   * A web-standard handler, to mount in any host. `env` says who is at the other end: `{ remoteAddress }`, or `c.env`
   * of Hono on Node. Without it nobody is taken for local, so everybody needs the token. Never rejects.
   */
  fetch(request: Request, env?: FetchEnv): Promise<Response>
  /** The same for Express, Fastify and plain `node:http`. */
  readonly node: NodeListener
  /**
   * Listens by itself. Rejects with `LifelineError`: `DASHBOARD_PORT`, or `DASHBOARD_TOKEN_NEEDED` for another host
   * than this machine if no token can be had.
   */
  serve(options: ServeOptions): Promise<ServedDashboard>
  /**
   * A link that signs its owner in, once: what a program shows or opens when it has begun to serve. Holds `expiresMs`
   * milliseconds, 15 minutes by default. Throws `LifelineError` of code `DASHBOARD_ADDRESS_UNKNOWN` if the dashboard is
   * neither served nor has a `publicUrl`.
   */
  signInUrl(expiresMs?: number): string
  /** Ends everything: servers, streams, timers, listeners. The lines go on. */
  close(): Promise<void>
}

/** For tests of the dashboard itself. */
export interface DashboardInternals {
  /** The clock, epoch milliseconds. */
  readonly now?: () => number
  /** The folder of the built page. */
  readonly page?: string
  readonly limits?: ConnectionLimits
}

/**
 * Makes the dashboard of one line, of several, or of a source of lines that come and go. Nothing listens until
 * `serve()`, or until `fetch` or `node` is mounted somewhere. Throws `OptionsError` on a wrong option, and
 * `LifelineError` of code `DASHBOARD_TOKEN_FILE` if the token cannot be kept.
 */
export function createDashboard(
  lines: DashboardLine | readonly DashboardLine[] | LineSource,
  options: DashboardOptions = {},
): Dashboard {
  return new LineDashboard(sourceOf(lines), checkDashboardOptions(options))
}

/** {@link createDashboard} with parts replaced; not part of the package's entry point. */
export function createDashboardWith(
  lines: DashboardLine | readonly DashboardLine[] | LineSource,
  options: DashboardOptions,
  internals: DashboardInternals,
): Dashboard & { readonly parts: LineDashboard['parts'] } {
  return new LineDashboard(sourceOf(lines), checkDashboardOptions(options), internals)
}

class LineDashboard implements Dashboard {
  readonly node: NodeListener
  readonly parts
  readonly #options: CheckedDashboardOptions
  readonly #source: LineSource
  readonly #app: Dashboard['fetch']
  readonly #limits: ConnectionLimits
  readonly #lent = new Map<DashboardLine, () => void>()
  readonly #served = new Set<Served>()
  readonly #offs: readonly (() => void)[]
  #token: string | undefined

  constructor(source: LineSource, options: CheckedDashboardOptions, internals: DashboardInternals = {}) {
    const { now = Date.now, page, limits = connectionLimits(options.maxViewers) } = internals
    this.#limits = limits
    this.#source = source
    this.#options = options
    this.#token = options.token
    const token = () => this.#tokenNow()
    token()
    const accountViews = new AccountViews(source, now)
    const sessions = new Sessions(now)
    const tries = new WrongTries(now)
    const gate = new Gate({ options, token, sessions, tries })
    const { maxViewers, stalledMs } = options
    const audience = new Audience({ accountViews, sessions, now, maxViewers, stalledMs })
    const metrics = new MetricsPage(accountViews, source)
    const links = new Links(now)
    const signIns = new Links<'owner'>(now)
    this.parts = {
      options,
      accountViews,
      gate,
      audience,
      sessions,
      links,
      signIns,
      metrics,
      token,
      now,
      network: () => [...this.#served].map(({ url }) => url).find((url) => !isLoopback(new URL(url).hostname)),
      tries,
      pages: new PageFiles(page),
    }
    this.#app = appOf(this.parts)
    this.node = nodeListener((request, env) => this.fetch(request, env), options.basePath)
    this.#offs = [source.on('change', () => this.#follow()), accountViews.onBatch(() => this.#seeLinked())]
    this.#follow()
  }

  fetch(request: Request, env?: FetchEnv): Promise<Response> {
    return this.#app(request, env)
  }

  async serve({ port, host = '127.0.0.1' }: ServeOptions): Promise<ServedDashboard> {
    if (!isLoopback(host) && this.#tokenNow() === undefined)
      throw new LifelineError(
        'DASHBOARD_TOKEN_NEEDED',
        `On ${host} others reach the dashboard too, and there is no token to keep them out.`,
        'Give the option token or tokenFile, or serve it on 127.0.0.1.',
      )
    this.parts.pages.warm()
    const { port: own, close } = await listen(this.node, port, host, this.#limits)
    const { basePath, publicUrl } = this.#options
    const at = (name: string) => `http://${name}:${own}${basePath}/`
    const served: Served = {
      url: publicUrl?.href ?? at(reachableHost(host)),
      local: at(localHost(host)),
      port: own,
      close: async () => {
        this.#served.delete(served)
        for (const line of this.parts.accountViews.lines()) {
          const folder = line.ownFolder
          if (folder !== undefined) removeAddress(folder, served.local)
        }
        await close()
      },
    }
    this.#served.add(served)
    await Promise.all(this.parts.accountViews.lines().map((line) => this.#tellAddress(line)))
    return { url: served.url, port: own, close: served.close }
  }

  async close(): Promise<void> {
    for (const off of this.#offs) off()
    for (const end of this.#lent.values()) end()
    const { audience, metrics, accountViews } = this.parts
    accountViews.flush()
    audience.close()
    metrics.close()
    await Promise.all([...this.#served].map((served) => served.close()))
    accountViews.close()
  }

  /** Made as soon as there is a place to keep it, which a source may have only later. */
  #tokenNow(): string | undefined {
    if (this.#token === undefined) {
      const file = this.#tokenFile()
      if (file !== undefined) this.#token = tokenIn(file)
    }
    return this.#token
  }

  #tokenFile(): string | undefined {
    if (this.#options.tokenFile !== undefined) return this.#options.tokenFile
    const folder = [...this.#source.lines()].map(({ ownFolder }) => ownFolder).find((own) => own !== undefined)
    return folder === undefined ? undefined : join(folder, 'dashboard-token')
  }

  #follow(): void {
    const lines = new Set(this.#source.lines())
    for (const [line, end] of this.#lent) {
      if (lines.has(line)) continue
      end()
      this.#lent.delete(line)
    }
    for (const line of lines) {
      if (this.#lent.has(line)) continue
      const urls = { relinkUrl: (account: string, ms: number | undefined) => this.#relinkUrl(account, ms) }
      this.#lent.set(line, line.lendRelinkUrls?.(urls) ?? (() => undefined))
      void this.#tellAddress(line)
    }
  }

  signInUrl(expiresMs = this.#options.linkMs): string {
    const lasts = millisecondsOption('signInUrl.expiresMs', expiresMs, 1_000, longestLinkMs)
    return `${this.#base()}sign-in#${this.parts.signIns.make('owner', lasts).secret}`
  }

  #relinkUrl(account: string, expiresMs = this.#options.linkMs): string {
    const base = this.#base()
    const lasts = millisecondsOption('relinkUrl.expiresMs', expiresMs, 1_000, longestLinkMs)
    return `${base}link#${this.parts.links.make(account, lasts).secret}`
  }

  /** Where browsers reach it. */
  #base(): string {
    const [served] = this.#served
    const base = this.#options.publicUrl?.href ?? served?.url
    if (base === undefined)
      throw new LifelineError(
        'DASHBOARD_ADDRESS_UNKNOWN',
        'The dashboard does not know where it is reached.',
        'Call serve() first, or give the option publicUrl if it is mounted elsewhere.',
      )
    return base
  }

  /** A guest's code was scanned once its account is connected. */
  #seeLinked(): void {
    const { accountViews, sessions } = this.parts
    for (const { account, status } of accountViews.news(accountViews.batch - 1).views)
      if (status.state === 'healthy') sessions.linked(account)
  }

  /**
   * Beside the credentials, for `lifeline link`. Best effort: a disk in trouble must not keep the page from being
   * shown.
   */
  async #tellAddress(line: DashboardLine): Promise<void> {
    const [served] = this.#served
    const folder = line.ownFolder
    if (!served || folder === undefined) return
    const address = { url: served.local, account: line.account, pid: process.pid }
    try {
      const file = this.#options.token === undefined && this.#tokenNow() !== undefined ? this.#tokenFile() : undefined
      await writeAddress(folder, { ...address, ...(file === undefined ? {} : { tokenFile: file }) })
    } catch {
      // Whoever asks for a link is told that no dashboard answers.
    }
  }
}

interface Served extends ServedDashboard {
  /** As this machine reaches it. */
  readonly local: string
}
