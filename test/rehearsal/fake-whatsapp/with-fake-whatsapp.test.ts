import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { delay } from '@whiskeysockets/baileys'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createLifeline } from '../../../src/index.ts'
import { withFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { lines } from './client.ts'

describe('a test with a server of its own', () => {
  test('gets what it returned, and leaves neither server nor folder', async () => {
    const { url, auth } = await withFakeWhatsApp(async ({ url }, auth) => {
      expect(existsSync(auth)).toBe(false)
      await mkdir(auth)
      return { url, auth }
    })
    expect(existsSync(dirname(auth))).toBe(false)
    const refused = await new Promise<unknown>((resolve) => new WebSocket(url).once('error', resolve))
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('fails with its own error, and still leaves neither', async () => {
    let place = ''
    const failing = withFakeWhatsApp(async (_, auth) => {
      place = auth
      await mkdir(auth)
      throw new Error('as asked')
    })
    await expect(failing).rejects.toThrow('as asked')
    expect(existsSync(dirname(place))).toBe(false)
  })

  test.each([30_000, 3_000])('leaves no timer of %s ms of Baileys that holds the process', async (ms) => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 7
    onTestFinished(() => {
      Error.stackTraceLimit = stackTraceLimit
    })
    await withFakeWhatsApp(async () => {
      // As its upload of pre-keys leaves one, and a write that is to be tried again.
      const others = timers()
      void delay(ms)
      expect(timers()).toBe(others + 1)
      expect(Error.stackTraceLimit).toBe(7)
    })
    // One that another file of this process left may have ended meanwhile.
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test.each([
    [1, /^1 client is still connected.*line\.stop\(\)/],
    [2, /^2 clients are still connected.*line\.stop\(\)/],
  ])('fails when it leaves %i clients connected', async (count, words) => {
    const clients: WebSocket[] = []
    const forgetful = withFakeWhatsApp(async ({ url }) => {
      clients.push(...Array.from({ length: count }, () => new WebSocket(url)))
      await Promise.all(clients.map((left) => new Promise((resolve) => left.once('open', resolve))))
    })
    await expect(forgetful).rejects.toThrow(words)
    for (const client of clients) client.terminate()
  })

  test.each(lines)('links a line of $name by its phone, and waits for one that is linked already', ({ baileys }) =>
    withFakeWhatsApp(
      async (server, auth) => {
        server.trust(baileys)
        const phone = server.phone('491700000001')
        for (const devices of [1, 1]) {
          const line = createLifeline({
            auth,
            connect: (given) => baileys.makeWASocket({ ...server.clientOptions, ...given }),
          })
          expect(await phone.link(line)).toBe(line.socket)
          expect(line.status.state).toBe('healthy')
          expect(phone.devices().length).toBe(devices)
          await line.stop()
        }
      },
      { claimedPreKeys: 1 },
    ),
  )
})
