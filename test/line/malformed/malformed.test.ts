// @module-tag slow

import type { BinaryNode } from '@whiskeysockets/baileys'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import * as rc9 from 'baileys-7-rc9'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { shareOf } from '../../share.ts'
import { type Baileys, World } from '../world.ts'
import { appFaults, GatewayProcess, type GatewaySettings } from './gateway.ts'
import { malformedStanzas } from './stanzas.ts'

const versions: readonly { readonly module: string; readonly baileys: Baileys }[] = [
  { module: '@whiskeysockets/baileys', baileys: v7 },
  { module: 'baileys-7-rc9', baileys: rc9 as unknown as Baileys },
  { module: 'baileys-6', baileys: v6 as unknown as Baileys },
]

const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode['content']): BinaryNode =>
  content === undefined ? { tag, attrs } : { tag, attrs, content }
const contact = '4915100000001@s.whatsapp.net'

interface Row {
  readonly what: string
  readonly push: (server: FakeWhatsApp) => void
  /** Whether the line dials again or goes on as if nothing had been. */
  readonly dials: boolean
  /** Without us it ends the process with these; the others take it as it comes. */
  readonly ends: readonly string[]
}

const all = versions.map(({ module }) => module)
const call = node('call', {}, [node('offer', { 'call-id': 'C', 'group-jid': '1@g.us' })])
const dirtyGroups = node('ib', {}, [node('dirty', { type: 'groups' })])
const emptyOffer = node('iq', { type: 'set', id: '1' }, [node('pair-device', {}, [node('ref')])])

/** What a server may say, and what Baileys leaves to Node of it. */
const rows: readonly Row[] = [
  { what: 'a frame that no key opens', push: (server) => server.now({ kind: 'garbage' }), dials: true, ends: all },
  {
    what: 'a frame that is no stanza',
    push: (server) => server.push(Buffer.from([0, 248, 2, 250])),
    dials: false,
    ends: all,
  },
  {
    what: 'a frame that cannot be inflated',
    push: (server) => server.push(Buffer.from([2, 1, 2, 3, 4])),
    dials: false,
    ends: all,
  },
  {
    what: 'a chat state without a state',
    push: (server) => server.push(node('chatstate', { from: contact }, [])),
    dials: false,
    ends: all,
  },
  { what: 'a call from nobody', push: (server) => server.push(call), dials: false, ends: ['@whiskeysockets/baileys'] },
  {
    what: 'a failure whose reason is no number',
    push: (server) => server.push(node('failure', { reason: 'abc' })),
    dials: true,
    ends: all,
  },
  {
    what: 'a stream error whose code is no error',
    push: (server) => server.push(node('stream:error', { code: '200' })),
    dials: true,
    ends: all,
  },
  { what: 'codes of which the first is empty', push: (server) => server.push(emptyOffer), dials: true, ends: all },
  {
    what: 'a closed connection while Baileys asks for its groups',
    push: (server) => {
      server.push(dirtyGroups)
      server.now({ kind: 'close', at: 'login' })
    },
    dials: true,
    ends: all,
  },
]

const stanzas = malformedStanzas(300, 20_261_129)

describe.each(shareOf(versions, 1))('of what a server says to $module', ({ module, baileys }) => {
  let world: World
  const processes: GatewayProcess[] = []
  beforeAll(async () => {
    world = await World.open(baileys)
    await world.linkedFolder()
  })
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.kill()))
  })
  afterAll(() => world.close())

  const gateway = async (settings: Partial<GatewaySettings> & { supervised: boolean }, options?: readonly string[]) => {
    const { url, rootKey } = world.server
    const folder = settings.folder ?? (await world.linkedFolder())
    const one = new GatewayProcess({ module, url, rootKey, folder, ...settings }, options)
    processes.push(one)
    if (settings.folder === undefined) {
      await world.server.next('online')
      // What ends it may come with its connection: a message that nobody could acknowledge comes again.
      if (settings.fault === undefined) await one.reaches('healthy')
    } else await world.server.next('registering')
    return one
  }
  /** Baileys alone in a process that Node only warns: each warning would have been its end. */
  const warned = () => gateway({ supervised: false }, ['--unhandled-rejections=warn'])
  const write = async () => {
    const text = `read on ${Math.random()}`
    await world.server.contact('anna').send(world.number, text)
    return text
  }

  test('a frame that no key opens ends a process of Baileys alone', async () => {
    const bare = await gateway({ supervised: false })
    world.server.now({ kind: 'garbage' })
    expect((await bare.ended).code).toBe(1)
  })

  test('each of these would end it once more, and some malformed stanzas', async () => {
    const bare = await warned()
    for (const { what, push, ends, dials } of rows) {
      const since = bare.heard.length
      push(world.server)
      if (ends.includes(module)) await bare.warns(since)
      // Baileys alone stays where it is then, deaf to whatever comes.
      if (dials) {
        // Before that, what is written waits in a buffer of Baileys 6 for something that comes live.
        const online = world.server.next('online')
        world.server.now({ kind: 'reset', at: 'login' })
        await online
      }
      await bare.reads(await write())
      expect([what, bare.wouldEnd(since).length > 0]).toEqual([what, ends.includes(module)])
    }
    const since = bare.heard.length
    for (const stanza of stanzas) world.server.push(stanza)
    await bare.reads(await write())
    expect(bare.wouldEnd(since)).not.toEqual([])
  })

  test(`none ends a supervised process, nor do ${stanzas.length} malformed stanzas`, async () => {
    const one = await gateway({ supervised: true })
    for (const { push, dials } of [...rows, ...rows.slice(0, 4)]) {
      const since = one.heard.length
      push(world.server)
      if (dials) {
        await one.reaches('reconnecting', since)
        await one.reaches('healthy', since)
      }
      await one.reads(await write())
      expect(one.states(since).includes('reconnecting')).toBe(dials)
    }
    expect(one.heard.find((heard) => 'state' in heard && heard.state === 'reconnecting')).toMatchObject({
      cause: 'protocol',
    })
    const told = (await one.troubles()).map(({ doing, message }) => `${doing}: ${message}`)
    expect(told).toEqual([...new Set(told)])
    for (const doing of [
      'decoding a stanza',
      'taking in CB:chatstate',
      'taking in CB:failure',
      'taking in CB:ib,,dirty',
    ])
      expect(told.join('\n')).toContain(doing)
    const since = one.heard.length
    for (const stanza of stanzas) world.server.push(stanza)
    await one.reads(await write())
    expect(one.states(since).filter((state) => state !== 'healthy')).toEqual([])
  })

  test.skipIf(module === 'baileys-7-rc9')(
    'a code that is empty ends a process of Baileys alone when its turn comes, and a supervised one begins anew',
    async () => {
      const later = node('iq', { type: 'set', id: '1' }, [
        node('pair-device', {}, [node('ref', {}, 'first'), node('ref')]),
      ])
      // Long enough that a busy machine meets a code before all are used up.
      const codes = { folder: world.folder(), qrTimeout: 1_000 }
      const bare = await gateway({ supervised: false, ...codes })
      world.server.push(later)
      expect((await bare.ended).code).toBe(1)
      const one = await gateway({ supervised: true, ...codes, folder: world.folder() })
      await one.reaches('qr')
      world.server.push(later)
      await world.server.next('registering')
      await one.reaches('qr', one.heard.length)
    },
  )

  // What an app does wrong is the same in each version; how deep in Baileys it shows is not.
  const ofThis = appFaults.filter(
    (fault) => module === '@whiskeysockets/baileys' || (module === 'baileys-6' && fault.includes('deep')),
  )
  test.each(shareOf(ofThis, 1))('%s ends the process as before', async (fault) => {
    for (const supervised of [false, true]) {
      const one = await gateway({ supervised, fault })
      await write()
      const { code, err } = await one.ended
      expect({ supervised, code }).toEqual({ supervised, code: 1 })
      expect(err).toMatch(/the app made a mistake|invalid children/)
    }
  })
})
