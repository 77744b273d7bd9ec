import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

/** Looks at the folder often. */
const watchful = { policy: { liveness: { silenceMs: 100, probeTimeoutMs: 1_000 } } }

describe.each(today)('a folder that the gateway deletes while it is open, with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('is said to be deleted, is not made again, shows no code and is told as no close', async () => {
    const folder = await bots.world.linkedFolder()
    const gateway = await bots.bot(watchful).up(folder)
    await rm(folder, { recursive: true, maxRetries: 5 })
    await gateway.until(() => gateway.line.status.state === 'blocked')
    const seen = gateway.line.status.since
    await gateway.until(() => gateway.line.status.state === 'blocked' && gateway.line.status.since > seen)
    expect(gateway.line.status.message).toContain('no longer in their place')
    expect(existsSync(folder)).toBe(false)
    expect(gateway.codes).toEqual([])
    expect(gateway.connections.filter((one) => one.startsWith('close'))).toEqual([])
    await expect(gateway.sock.fetchBlocklist()).rejects.toMatchObject({ data: { userAction: 'check-disk' } })
    await gateway.sock.end(undefined)
    expect(existsSync(folder)).toBe(false)
  })

  test('shows a code to the gateway that then begins anew, which is what it has asked for', async () => {
    const folder = await bots.world.linkedFolder()
    const bot = bots.bot(watchful)
    const gateway = await bot.up(folder)
    await rm(folder, { recursive: true, maxRetries: 5 })
    await gateway.until(() => gateway.line.status.state === 'blocked')
    // Without ending the socket that it had.
    const next = await bot.open(folder)
    await next.until(() => next.codes.length > 0)
    expect(next.state.creds.registered).toBe(false)
  })
})
