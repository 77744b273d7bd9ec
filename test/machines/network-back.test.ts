import { expect, test } from 'vitest'
import { reachOf } from '../../machines/reach.ts'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const hour = 3_600_000

async function away(kind: 'network' | 'link-lost' | 'server', detail?: string): Promise<Rig> {
  const rig = await new Rig().healthy()
  rig.world.net = false
  rig.world.close(cause(kind, detail === undefined ? {} : { detail }))
  await rig.advance(10)
  return rig
}

test('however long the server was out of reach, the first sign of it ends the wait', async () => {
  const rig = await away('network', 'ECONNREFUSED')
  await rig.advance(hour)
  expect(rig.context.delay?.cadence).toBe('slow')
  expect(reachOf(rig.context)).toBe('out-of-reach')
  rig.world.net = true
  const tries = rig.world.opened.length
  rig.send({ type: 'network.back' })
  await rig.advance(1_000)
  expect([rig.status.state, rig.world.opened.length - tries]).toEqual(['healthy', 1])
  expect(rig.context.closes.at(-1)?.cause.kind).toBe('network')
})

test('a server that lets a connection begin and no login through is tried once for that sign of it, and then as before', async () => {
  const rig = await away('network', 'ECONNRESET')
  await rig.advance(hour)
  const tries = rig.world.opened.length
  rig.send({ type: 'network.back' })
  await rig.advance(1_000)
  expect([rig.status.state, rig.world.opened.length - tries]).toEqual(['reconnecting', 1])
  expect([reachOf(rig.context), rig.context.delay?.cadence]).toEqual(['unsure', 'slow'])
  rig.world.net = true
  await rig.until('healthy', hour)
  expect(rig.context.cameBack).toBe(false)
})

test('a lost link may be a lost network; an answer of the server, over HTTP too, is none', async () => {
  expect(reachOf((await away('link-lost')).context)).toBe('unsure')
  expect(reachOf((await away('network', 'HTTP 503')).context)).toBe('no-matter')
  expect(reachOf((await away('server')).context)).toBe('no-matter')
})

test('a wait that is meant is not ended: the retry after a 440, and the login that confirms a 401', async () => {
  for (const kind of ['replaced', 'logged-out'] as const) {
    const rig = await new Rig().healthy()
    rig.world.close(cause(kind))
    await rig.advance(10)
    expect(rig.status.state).toBe('reconnecting')
    expect(reachOf(rig.context)).toBe('no-matter')
    const opened = rig.world.opened.length
    rig.send({ type: 'network.back' })
    await rig.advance(10)
    expect([rig.status.state, rig.world.opened.length]).toEqual(['reconnecting', opened])
  }
})

test('where nothing waits for it, it changes nothing', async () => {
  const rig = await new Rig().healthy()
  const opened = rig.world.opened.length
  rig.send({ type: 'network.back' })
  await rig.advance(1_000)
  expect([rig.status.state, rig.world.opened.length]).toEqual(['healthy', opened])
})
