// @module-tag slow

import { afterEach, describe, expect, test, vi } from 'vitest'
import { muteConsole } from '../rehearsal/fake-whatsapp/client.ts'
import { asBaileys, forks } from './fork-rows.ts'
import { playFork } from './fork-trial.ts'

afterEach(() => vi.restoreAllMocks())
describe.each(forks.filter(({ here }) => here))('$name $version', ({ name, lacks }) => {
  test('is linked, read, answered, killed and healed', async () => {
    muteConsole()
    const { log, gateway } = await playFork(asBaileys(await import(name)), name)
    expect(gateway.path).not.toContain('awaitingQr')
    const said = log.lines.flatMap((line) => /this socket has no (.+?), so/.exec(line)?.[1] ?? [])
    expect([...new Set(said)]).toEqual(lacks)
    // Once for each line, of which there were two.
    expect(said).toHaveLength(2 * lacks.length)
  })
})
