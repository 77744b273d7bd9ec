import { expect, onTestFinished, test } from 'vitest'
import { ConnectGate } from '../../src/fleet/connect-gate.ts'
import { Tenancy } from '../../src/fleet/tenancy.ts'
import { ScriptedFleet, scriptedHost } from './scripted-fleet.ts'
import { until } from './until.ts'

const quickly = 20_000
const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
}

/** An account that a host has, connected. */
async function connected() {
  const fleet = new ScriptedFleet(['anna'])
  const { options, close, heard } = scriptedHost(fleet)
  const lost: string[] = []
  const tenancy = new Tenancy({
    ...{ account: 'anna', options, gate: new ConnectGate(options.pace), onStatus: () => undefined },
    onLost: (reason) => lost.push(reason),
  })
  onTestFinished(() => tenancy.end())
  await tenancy.start()
  await until(() => tenancy.online, quickly)
  const asked = () => fleet.seats.get('anna')?.asked ?? 0
  return { fleet, tenancy, lost, asked, heard, close: (message: string, code: number) => close('anna', message, code) }
}

test.each([
  ['is lost if it is another one’s', false, ['taken']],
  ['is not lost as well where it is being given up already', true, []],
])('an account of which a 440 makes one ask whose it is %s', async (_, gives, expected) => {
  const { fleet, tenancy, lost, asked, close } = await connected()
  let answer: () => void = () => undefined
  fleet.answering = new Promise((resolve) => {
    answer = resolve
  })
  const before = asked()
  close('Stream Errored (conflict)', 440)
  await until(() => asked() > before, quickly)
  fleet.locked.add('anna')
  const ended = gives ? tenancy.end() : undefined
  expect([tenancy.ending, lost]).toEqual([gives, []])
  answer()
  await turns()
  expect(lost).toEqual(expected)
  await ended
})

test('an account that is held back for another reason than a second owner is asked after by nobody', async () => {
  const { tenancy, asked, close, lost } = await connected()
  const before = asked()
  close('Connection Failure', 406)
  await until(() => tenancy.line.status.state === 'blocked', quickly)
  await turns()
  expect([asked() - before, lost, tenancy.settled]).toEqual([0, [], true])
})

test('an account keeps its turn until it is connected', async () => {
  const fleet = new ScriptedFleet(['anna'])
  const { options, heard } = scriptedHost(fleet, {}, () => 'waits')
  const gate = new ConnectGate(options.pace)
  const tenancy = new Tenancy({
    ...{ account: 'anna', options, gate, onLost: () => undefined, onStatus: () => undefined },
  })
  onTestFinished(() => tenancy.end())
  await tenancy.start()
  await until(() => heard.has('anna'), quickly)
  await turns()
  expect([tenancy.line.status.state, gate.load.inside, tenancy.settled]).toEqual(['connecting', 1, false])
})

test('an account that another one has is not lost by whoever could not claim it', async () => {
  const fleet = new ScriptedFleet(['anna'])
  fleet.locked.add('anna')
  const { options } = scriptedHost(fleet)
  const lost: string[] = []
  const tenancy = new Tenancy({
    ...{ account: 'anna', options, gate: new ConnectGate(options.pace), onStatus: () => undefined },
    onLost: (reason) => lost.push(reason),
  })
  await expect(tenancy.start()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
  await turns()
  expect([lost, tenancy.ending]).toEqual([[], false])
  await tenancy.end()
})

test('an account was last active when a message came or went, by the clock that nobody sets, and at nothing else', async () => {
  const { tenancy, heard } = await connected()
  const hears = (events: object) => {
    tenancy.activeAt = 0
    heard.get('anna')?.(events)
    return tenancy.activeAt
  }
  const before = performance.now()
  for (const event of ['messages.upsert', 'messages.update']) {
    const at = hears({ [event]: [] })
    expect(at >= before && at <= performance.now(), event).toBe(true)
  }
  expect(hears({ 'presence.update': {} })).toBe(0)
})

test('the account is given back by the time that its end is over', async () => {
  const { fleet, tenancy } = await connected()
  await tenancy.end()
  expect([fleet.seats.get('anna')?.held, tenancy.line.status.state]).toEqual([false, 'stopped'])
})
