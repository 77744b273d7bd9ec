import axe from 'axe-core'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { readQr } from '../read-qr.ts'

export const phoneSize = { width: 390, height: 844 }

/** Somebody who looks at the page, and all that their browser objected to. */
export class Viewer {
  readonly page: Page
  readonly context: BrowserContext
  /** Breaches of the page's own policy, as the browser reports them. */
  readonly breaches: string[] = []
  /** What the page's scripts threw. */
  readonly thrown: string[] = []
  /** Requests to anything but the gateway. */
  readonly foreign: string[] = []
  /** Bytes that came over the wire, by file. */
  readonly bytes = new Map<string, number>()

  private constructor(page: Page, context: BrowserContext, origin: string) {
    this.page = page
    this.context = context
    page.on('pageerror', (error) => this.thrown.push(error.stack ?? error.message))
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(origin) && !url.startsWith('data:')) this.foreign.push(url)
    })
    page.on('requestfinished', async (request) => {
      const sizes = await request.sizes().catch(() => undefined)
      if (sizes) this.bytes.set(new URL(request.url()).pathname, sizes.responseBodySize + sizes.responseHeadersSize)
    })
  }

  /**
   * Somebody who asked their system for less motion, if nothing else is said: a drawing that breathes is painted sixty
   * times a second, and without a graphics card that takes more of the processor than all that a test is about.
   */
  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<unknown> = async () => undefined,
  ): Promise<Viewer> {
    const viewport = { width: 1280, height: 900 }
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    const viewer = new Viewer(page, context, new URL(url).origin)
    await page.exposeFunction('reportBreach', (breach: string) => viewer.breaches.push(breach))
    await page.addInitScript({
      content: `document.addEventListener('securitypolicyviolation', (event) =>
        reportBreach(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))`,
    })
    await prepare(page)
    await page.goto(url)
    return viewer
  }

  /** The state in words, large. */
  get state(): Locator {
    return this.page.locator('.state')
  }

  /** Whether the light on the drawing of the states breathes. */
  breathes(): Promise<boolean> {
    return this.page.evaluate<boolean>(
      "document.querySelector('.chart-panel .drawing').shadowRoot.getAnimations().some((one) => one.animationName === 'breathe')",
    )
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name })
  }

  /** Waits until the state in words is this. */
  async sees(label: string): Promise<void> {
    await this.state.filter({ hasText: new RegExp(`^${label}$`) }).waitFor()
  }

  /** The text of the code that stands on the page, read from its pixels as a phone's camera would. */
  async scan(): Promise<string | undefined> {
    const { data, width, height } = PNG.sync.read(await this.page.locator('.code-square').screenshot())
    return readQr(new Uint8ClampedArray(data), width, height)?.data
  }

  /** What axe finds wrong for people who do not see well, or use no mouse. */
  async barriers(): Promise<string[]> {
    if (await this.page.evaluate<boolean>("typeof axe === 'undefined'")) await this.page.evaluate(axe.source)
    const { violations } = await this.page.evaluate<{
      violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[]
    }>("axe.run(document, { resultTypes: ['violations'] })")
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
    )
  }

  /** The name of what has the focus. */
  focused(): Promise<string> {
    return this.page.evaluate<string>(
      "document.activeElement?.textContent?.trim() || document.activeElement?.tagName || ''",
    )
  }

  async close(): Promise<void> {
    await this.context.close()
  }
}
