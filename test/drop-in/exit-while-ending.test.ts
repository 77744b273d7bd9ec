import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLifelineWith } from '../../src/line/create-lifeline.ts'
import { World } from '../line/world.ts'
import { silentLogger } from '../silent-logger.ts'

let world: World | undefined
beforeAll(async () => {
  world = await World.open()
})
afterAll(() => world?.close())

test('a process that exits while a line is stopping leaves no lock, and has ended cleanly', async () => {
  if (!world) throw new Error('there is no world')
  const { baileys, server } = world
  const folder = await world.linkedFolder()
  const steps = new Set<(clean: boolean) => void>()
  const atExit = (step: (clean: boolean) => void) => {
    steps.add(step)
    return () => void steps.delete(step)
  }
  const line = createLifelineWith(
    {
      auth: folder,
      logger: silentLogger,
      connect: ({ auth, logger }) => baileys.makeWASocket({ ...server.clientOptions, auth, logger }),
    },
    { atExit },
  )
  await line.start()
  await line.whenHealthy()
  const stopped = line.stop()
  await new Promise(setImmediate)
  for (const step of steps) step(true)
  const own = (name: string) => join(folder, '.lifeline', name)
  const left = await readdir(own('lock'))
  const { clean } = JSON.parse(await readFile(own('state.json'), 'utf8'))
  await stopped
  expect({ left, clean, steps: steps.size }).toEqual({ left: [], clean: true, steps: 0 })
})
