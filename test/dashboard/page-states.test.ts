import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import type { PolicyOptions } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Storm } from '../browser/storm.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { fast } from '../line/fast-policy.ts'
import type { Gateway } from '../line/gateway.ts'
import { World } from '../line/world.ts'
import { shareOf } from '../share.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 200_000 })

/** Where pictures go, if somebody wants to look at them: `LIFELINE_PICTURES=/tmp/pictures npx vitest run …`. */
const pictures = process.env.LIFELINE_PICTURES

let world: World
let chromium: RunningBrowser
let silent: Server
let dashboard: Dashboard
let viewer: Viewer
let url: string

/** How an account comes to a state with real Baileys, and what its owner reads and presses on the first screen. */
interface Scene {
  readonly word: RegExp
  readonly says: RegExp
  /** The button that helps; absent where nothing has to be done, or nothing can be. */
  readonly button?: string
  readonly reach: (account: string, number: string) => Promise<Gateway>
}

/** Dials fast, and gives a busy machine the time to answer. */
const patient = (changes: PolicyOptions = {}): PolicyOptions =>
  fast({ ...changes, reconnect: { connectTimeoutMs: 30_000, ...changes.reconnect } })
const long = { reconnect: { initialMs: 600_000, maxMs: 600_000, slowMinMs: 600_000, slowMaxMs: 600_000 } }

const scenes: Readonly<Record<string, Scene>> = {
  'shop of Anna': {
    word: /^Connected$/,
    says: /./,
    reach: (account, number) => world.linked(number, { account }),
  },
  stopped: {
    word: /^Stopped$/,
    says: /Start it in the program/,
    reach: async (account, number) => {
      const gateway = await world.linked(number, { account })
      await gateway.line.stop()
      return gateway
    },
  },
  connecting: {
    word: /^Connecting$/,
    says: /Connecting to WhatsApp/,
    reach: async (account) => {
      const address = silent.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const nowhere = { waWebSocketUrl: `ws://127.0.0.1:${port}`, connectTimeoutMs: 600_000 }
      const policy = { reconnect: { connectTimeoutMs: 600_000 } }
      const gateway = world.newcomer(
        { account, policy, connect: (given) => world.socket(given, nowhere) },
        await world.linkedFolder(),
      )
      await gateway.start()
      await gateway.until('connecting')
      return gateway
    },
  },
  degraded: {
    word: /^Connected, healing$/,
    says: /cannot be read.*Nothing to do yet/s,
    reach: async (account, number) => {
      const storm = await Storm.ready(world, number, {
        account,
        policy: patient({ decrypt: { escalateAfterMs: 600_000, stormMs: 600_000 } }),
      })
      await storm.gateway.up()
      await storm.breaks()
      await storm.gateway.until('degraded')
      return storm.gateway
    },
  },
  reconnecting: {
    word: /^Reconnecting$/,
    says: /WhatsApp has a problem on its side.*Next try in/s,
    button: 'Reconnect',
    reach: async (account, number) => {
      const gateway = await world.linked(number, { account, policy: patient(long) })
      world.server.now(faults.serviceUnavailable, number)
      await gateway.until('reconnecting')
      return gateway
    },
  },
  newcomer: {
    word: /^Scan the code$/,
    says: /not linked yet/,
    reach: async (account, number) => {
      const slow = { qrTimeout: 600_000 }
      const gateway = world.newcomer({ account, connect: (given) => world.socket(given, slow) }, undefined, number)
      await gateway.start()
      await gateway.until(() => gateway.line.status.qr !== undefined)
      return gateway
    },
  },
  'codes used up': {
    word: /./,
    says: /No code comes by itself/,
    button: 'Show a code',
    reach: async (account, number) => {
      const quick = { qrTimeout: 200 }
      const policy = patient({ pairing: { windows: 1 } })
      const gateway = world.newcomer(
        { account, policy, connect: (given) => world.socket(given, quick) },
        undefined,
        number,
      )
      await gateway.start()
      await gateway.until(() => gateway.line.status.remedies?.includes('show-code') === true)
      return gateway
    },
  },
  unlinked: {
    word: /^Scan the code$/,
    says: /unlinked this device/,
    reach: async (account, number) => {
      const gateway = await world.linked(number, { account, policy: patient() })
      world.server.phone(number).unlink()
      await gateway.until(() => gateway.line.status.qr !== undefined)
      return gateway
    },
  },
  conflicted: {
    word: /^Used by another client$/,
    says: /Another client keeps connecting.*Stop the other program/s,
    button: 'Reconnect',
    reach: async (account, number) => {
      const policy = patient({ conflict: { probeMs: 3_600_000 } })
      const gateway = await world.linked(number, { account, policy })
      for (const state of ['reconnecting', 'conflicted'] as const) {
        await gateway.until('healthy')
        const next = gateway.next(state)
        world.server.now(faults.replaced, number)
        await next
      }
      return gateway
    },
  },
  ...Object.fromEntries(
    (
      [
        ['banned for a time', faults.banned, /^Banned for a time$/, /Wait until the ban is over.*Next try in/s],
        ['متجر الزاوية', faults.locked, /^Not let in$|^Blocked/, /locked this account/, 'Reconnect'],
        ['outdated', faults.outdated, /^Client refused$/, /no longer accepts this client version/],
      ] as const
    ).map(([name, fault, word, says, button]): [string, Scene] => [
      name,
      {
        word,
        says,
        ...(button === undefined ? {} : { button }),
        reach: async (account, number) => {
          const gateway = await world.linked(number, { account })
          world.server.onNextLogin(fault, { account: number, times: 50 })
          const blocked = gateway.next('blocked')
          await gateway.line.reconnect()
          await blocked
          return gateway
        },
      },
    ]),
  ),
}
/** Five of them each day. */
const names = shareOf(Object.keys(scenes), 5)

beforeAll(async () => {
  silent = createServer(() => undefined).listen(0, '127.0.0.1')
  ;[chromium, world] = await Promise.all([startChromium(), World.open(undefined, { seed: 'states', qrRefs: 2 })])
  const reached: Gateway[] = []
  for (const [at, name] of names.entries())
    reached.push(await (scenes[name] as Scene).reach(name, `4917000001${10 + at}`))
  dashboard = createDashboard(
    reached.map(({ line }) => line),
    { trustLoopback: true },
  )
  url = (await dashboard.serve({ port: 0 })).url
  viewer = await Viewer.open(chromium.browser, url, { viewport: phoneSize })
})
afterAll(async () => {
  await viewer?.close()
  await dashboard?.close()
  await chromium?.close()
  await world?.close()
  silent.close()
})

async function picture(name: string, seen: Viewer): Promise<void> {
  if (pictures === undefined) return
  await writeFile(join(pictures, `${name}.png`), await seen.page.screenshot({ animations: 'disabled' }))
}

describe.each(names)('an account that is reached for real: %s', (name) => {
  const { word, says, button } = scenes[name] as Scene

  test('says on the first screen of a phone how it is and what to do, with the button within five stops', async () => {
    const { page } = viewer
    await page.goto(`${url}#/${encodeURIComponent(name)}`)
    await page.reload()
    await page.locator('.who', { hasText: name }).waitFor()
    await page.locator('.timeline-panel .availability button').first().waitFor()
    const hero = page.locator('.hero')
    expect(await viewer.state.textContent()).toMatch(word)
    await expect.poll(() => hero.textContent()).toMatch(says)
    for (const part of ['.state', '.since', ...(button === undefined ? [] : ['.remedy-buttons'])]) {
      const box = await page.locator(part).first().boundingBox()
      expect(box !== null && box.y >= 0 && box.y + box.height <= phoneSize.height, part).toBe(true)
    }
    await picture(name, viewer)
    if (button !== undefined) {
      let stops = 0
      do {
        await page.keyboard.press('Tab')
        stops += 1
      } while (stops < 5 && (await viewer.focused()) !== button)
      expect(await viewer.focused()).toBe(button)
    }
    expect(await viewer.barriers()).toEqual([])
    expect([viewer.breaches, viewer.thrown, viewer.foreign]).toEqual([[], [], []])
  })
})

test('on a wide screen the list of accounts reaches down the page, also where no hosts are listed', async () => {
  const wide = await Viewer.open(chromium.browser, url, { viewport: { width: 1280, height: 800 } })
  await wide.page.locator('.row-item').first().waitFor()
  expect((await wide.page.locator('.rows').boundingBox())?.height).toBeGreaterThan(400)
  await wide.close()
})

test.runIf(pictures !== undefined)(
  'pictures of wide, dark and twice as large',
  async () => {
    const sizes = {
      wide: { viewport: { width: 1280, height: 800 } },
      dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
      // What a browser lays out at 200 %.
      large: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
    } as const
    for (const [size, options] of Object.entries(sizes))
      for (const name of names) {
        const other = await Viewer.open(chromium.browser, `${url}#/${encodeURIComponent(name)}`, options)
        await other.page.locator('.timeline-panel .availability button').first().waitFor()
        await picture(`${size} ${name}`, other)
        expect(await other.barriers()).toEqual([])
        await other.close()
      }
  },
  600_000,
)
