import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OtherProcess } from '../line/other-process.ts'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const lockOf = (folder: string) => readdir(join(folder, '.lifeline', 'lock'))

describe.each(inTurn(lines, import.meta.url))('virtual sockets with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('a folder that another process owns is closed with 440 and told with the owner, and nothing is changed', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const other = await OtherProcess.owner(folder)
    try {
      const lock = await lockOf(folder)
      const gateway = await bots.bot().open(folder)
      await gateway.until(() => gateway.connections.at(-1) === 'close 440')
      expect(gateway.bot.said).toEqual([expect.stringMatching(new RegExp(`in use by process ${other.pid} on host`))])
      expect(await lockOf(folder)).toEqual(lock)
      expect(gateway.codes).toEqual([])
    } finally {
      await other.end()
    }
    // Its loop begins anew.
    await bots.bot().up(folder)
  })

  test('a folder that another process takes while it is in use is closed with 440', async () => {
    const gateway = await bots.up({ policy: { liveness: { silenceMs: 100, probeTimeoutMs: 1_000 } } })
    const folder = gateway.bot.folders.of({ creds: gateway.state.creds })?.path ?? ''
    const other = await OtherProcess.owner(folder)
    try {
      await gateway.until(() => gateway.connections.at(-1) === 'close 440')
      expect(gateway.updates.at(-1)?.lastDisconnect?.error?.message).toBe('Another process uses these credentials.')
    } finally {
      await other.end()
    }
  })
})
