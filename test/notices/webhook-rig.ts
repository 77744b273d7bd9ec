import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { NoticeKeep, OpenChannel, WebhookOptions } from '../../src/index.ts'
import { folderKeep } from '../../src/notices/keep.ts'
import { createWebhook } from '../../src/notices/webhook.ts'
import { freezeTime, Reports, ScriptedLine, until } from './notices.ts'
import { Receiver, secret } from './receiver.ts'

export type Resolve = NonNullable<NonNullable<Parameters<typeof createWebhook>[1]>['resolve']>

/** How long a webhook waits for an answer. */
export const deadlineMs = 10_000

/**
 * A receiver, and webhooks that tell it, anew for each test of the file that calls this. What they report never holds
 * the secret or the path of the URL.
 */
export function webhookRig() {
  let receiver: Receiver
  let own: string
  let reports: Reports
  let open: OpenChannel[]
  let receivers: Receiver[]

  beforeEach(async () => {
    receiver = await Receiver.open()
    receivers = [receiver]
    own = await mkdtemp(join(tmpdir(), 'lifeline-webhook-'))
    reports = new Reports()
    open = []
    freezeTime()
    vi.spyOn(globalThis, 'setTimeout')
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.useRealTimers()
    await Promise.all(open.map((channel) => channel.close?.()))
    await Promise.all(receivers.map((one) => one.down()))
    await rm(own, { recursive: true })
    const { pathname } = new URL(receiver.url)
    for (const line of reports.all) {
      expect(line).not.toContain(secret)
      expect(line).not.toContain(pathname)
    }
  })

  /** A webhook at work, as after a start of the process. */
  function start(
    options: Partial<WebhookOptions> = {},
    parts: { resolve?: Resolve; keep?: NoticeKeep } = {},
  ): OpenChannel {
    const { keep = folderKeep(own, 'webhook', reports.report), ...rest } = parts
    const channel = createWebhook({ url: receiver.url, secret, ...options }, rest)
    const opened = channel.open({ account: 'a', keep, line: new ScriptedLine(), report: reports.report })
    open.push(opened)
    return opened
  }

  /** Where the notices are kept. */
  const folder = (): string => join(own, 'notices', 'webhook')

  /** Names of the notices that lie on the disk. */
  const kept = async (): Promise<string[]> =>
    (await readdir(folder()).catch(() => [])).filter((name) => name.endsWith('.json'))

  /** How long the timer that was set last takes. */
  const lastTimer = (): number => Number(vi.mocked(setTimeout).mock.lastCall?.[1] ?? deadlineMs)

  /** Lets time pass up to the next try, which is that of the receiver unless another is named. */
  async function nextTry(to = receiver): Promise<void> {
    const before = to.tries.length
    // Before that the only timer is the deadline of the try under way.
    await until(() => lastTimer() !== deadlineMs, 'a pause before the next try')
    vi.advanceTimersToNextTimer()
    await until(
      () => to.tries.length > before,
      () => `a try; reported: ${reports.all.join('\n')}`,
    )
  }

  return {
    start,
    folder,
    kept,
    nextTry,
    lastTimer,
    get receiver() {
      return receiver
    },
    get reports() {
      return reports
    },
    /** One more receiver, closed after the test. */
    async another(): Promise<Receiver> {
      const one = await Receiver.open()
      receivers.push(one)
      return one
    },
  }
}
