// @module-tag slow/together

import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { fileAuthStore, type PolicyOptions } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Storm } from '../browser/storm.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { gate } from '../gate.ts'
import { fast } from '../line/fast-policy.ts'
import type { Gateway } from '../line/gateway.ts'
import { ScriptedAccount, ScriptedSource } from '../line/scripted-account.ts'
import { storeWith, TroubledDisk } from '../line/stores.ts'
import { World } from '../line/world.ts'
import { day, whole } from '../share.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 200_000 })

/** Where pictures go, if somebody wants to look at them: `LIFELINE_PICTURES=/tmp/pictures npx vitest run …`. */
const pictures = process.env.LIFELINE_PICTURES

let world: World
let chromium: RunningBrowser
let silent: Server
let dashboard: Dashboard
let source: ScriptedSource
let viewer: Viewer
let url: string

/** A store that answers only when the test is over. */
const slow = gate()

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
/** The fast ladder draws from nothing upwards. */
const long = { reconnect: { fastAttempts: 0, slowMinMs: 600_000, slowMaxMs: 600_000 } }
const hour = 3_600_000
/** Blocked until the test is over: no try of its own comes while somebody looks. */
const rarely = patient({
  conflict: { probeMs: hour },
  outdated: { firstMs: hour, secondMs: hour, thirdMs: hour },
})

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
  preparing: {
    word: /^Checking the credentials$/,
    says: /stored credentials are being checked/,
    reach: async (account, number) => {
      const folder = await world.linkedFolder()
      const store = fileAuthStore(folder)
      const inspect: typeof store.inspect = async (options) => {
        await slow.wait()
        return store.inspect(options)
      }
      const gateway = world.newcomer({ account, store: storeWith(store, { inspect }) }, folder, number)
      await gateway.start()
      await gateway.until('preparing')
      return gateway
    },
  },
  'setting aside': {
    word: /^Setting sessions aside$/,
    says: /./,
    reach: async (account, number) => {
      const { folder, line } = await world.linked(number)
      await line.stop()
      const store = fileAuthStore(folder)
      const quarantine: typeof store.quarantine = async (...args) => {
        await slow.wait()
        return store.quarantine(...args)
      }
      const gateway = world.newcomer({ account, store: storeWith(store, { quarantine }) }, folder, number)
      await gateway.up()
      gateway.line.prune('all').catch(() => undefined)
      await gateway.until('pruningSessions')
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
  'full disk': {
    word: /^Connected, but the disk is in trouble$/,
    says: /ENOSPC.*What to do/s,
    reach: async (account, number) => {
      const { folder, line } = await world.linked(number)
      await line.stop()
      const disk = new TroubledDisk(folder)
      const gateway = world.newcomer({ account, store: disk.store, policy: patient() }, folder, number)
      await gateway.up()
      disk.full()
      gateway.sockets.at(-1)?.ev.emit('creds.update', { accountSyncCounter: 4_711 })
      await gateway.until(() => gateway.line.status.userAction === 'check-disk')
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
          const gateway = await world.linked(number, { account, policy: rarely })
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
const names = Object.keys(scenes)

/** How else it is looked at: on each day another state in another way, and all of them where pictures are wanted. */
const manners = [
  ['wide', { width: 1280, height: 800 }, 'light'],
  ['dark', { width: 1280, height: 800 }, 'dark'],
  // What a browser lays out at 200 %.
  ['large', { width: 640, height: 400 }, 'light'],
  ['dark phone', phoneSize, 'dark'],
] as const

beforeAll(async () => {
  silent = createServer(() => undefined).listen(0, '127.0.0.1')
  ;[chromium, world] = await Promise.all([startChromium(), World.open(undefined, { seed: 'states', qrRefs: 2 })])
  source = new ScriptedSource(new ScriptedAccount('always there'))
  dashboard = createDashboard(source, { trustLoopback: true })
  url = (await dashboard.serve({ port: 0 })).url
  viewer = await Viewer.open(chromium.browser, url, { viewport: phoneSize })
})
afterAll(async () => {
  await viewer?.close()
  await dashboard?.close()
  await chromium?.close()
  slow.pass()
  await world?.close()
  silent.close()
})

async function picture(name: string, seen: Viewer): Promise<void> {
  if (pictures === undefined) return
  await writeFile(join(pictures, `${name}.png`), await seen.page.screenshot({ animations: 'disabled' }))
}

/** Whether what a person looks for first stands on the first screen. */
async function expectInSight(parts: readonly string[], height: number): Promise<void> {
  const { page } = viewer
  await page.evaluate('scrollTo(0, 0)')
  for (const part of parts) {
    const box = await page.locator(part).first().boundingBox()
    expect(box !== null && box.y >= 0 && box.y + box.height <= height, part).toBe(true)
  }
}

describe.each(names.map((name, at) => [name, at] as const))('an account that is reached for real: %s', (name, at) => {
  const { word, says, button, reach } = scenes[name] as Scene

  // It is reached when it is looked at: a code, or a wait, is still what it was.
  test('says on the first screen how it is and what to do, on a phone with the button within five stops', async () => {
    const { page } = viewer
    source.add((await reach(name, `4917000001${10 + at}`)).line)
    await page.goto(`${url}#/${encodeURIComponent(name)}`)
    await page.reload()
    await page.locator('.who', { hasText: name }).waitFor()
    await page.locator('.timeline-panel .availability button').first().waitFor()
    const expectTold = async (): Promise<void> => {
      expect(await viewer.state.textContent()).toMatch(word)
      await expect.poll(() => page.locator('.hero').textContent()).toMatch(says)
    }
    await expectTold()
    await expectInSight(['.state', '.since', ...(button === undefined ? [] : ['.remedy-buttons'])], phoneSize.height)
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
    for (const [manner, viewport, colorScheme] of pictures === undefined ? turnOf(at) : manners) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme })
      await expectTold()
      await expectInSight(['.state', '.since'], viewport.height)
      expect(await page.evaluate('document.documentElement.scrollWidth'), manner).toBeLessThanOrEqual(viewport.width)
      await picture(`${manner} ${name}`, viewer)
      expect(await viewer.barriers(), manner).toEqual([])
    }
    await page.setViewportSize(phoneSize)
    await page.emulateMedia({ colorScheme: 'light' })
    expect([viewer.breaches, viewer.thrown, viewer.foreign]).toEqual([[], [], []])
  })
})

/** The manner in which the state at this place is looked at today. */
const turnOf = (at: number) => (whole ? manners : manners.filter((_, index) => index === (day + at) % manners.length))

test('on a wide screen the list of accounts reaches down the page, also where no hosts are listed', async () => {
  const wide = await Viewer.open(chromium.browser, url, { viewport: { width: 1280, height: 800 } })
  await wide.page.locator('.row-item').first().waitFor()
  expect((await wide.page.locator('.rows').boundingBox())?.height).toBeGreaterThan(400)
  await wide.close()
})
