import { describe, expect, test } from 'vitest'
import { Rig } from '../../machines/rig.ts'
import { cause } from '../../machines/world.ts'

const minute = 60_000

/** Nobody has reported these: they were found by reading the statechart, and each was seen in it. */
describe('incidents that were predicted', () => {
  test('who only observes does not fight a second client while messages cannot be read', async () => {
    const rig = await new Rig({ mode: 'observe' }).healthy()
    rig.unreadable(['a.0', 'b.0', 'c.0', 'd.0', 'e.0'], ['1', '2', '3'])
    rig.world.otherClientAfterMs = 2_000
    rig.world.close(cause('replaced', { code: 440 }))
    await rig.until('conflicted', 5 * minute)
    expect(rig.notices.map(({ kind }) => kind)).toContain('conflict')
    const { length } = rig.world.opened
    await rig.advance(59 * minute)
    expect(rig.world.opened).toHaveLength(length)
  })

  test('silence after a prune proves nothing', async () => {
    const rig = await new Rig().healthy()
    rig.unreadable(['a.0'], ['1', '2', '3'], 'bad-session', true)
    rig.send({ type: 'prune', scope: 'failing' })
    await rig.until('healthy', minute)
    const said: string[] = []
    rig.actor.subscribe(({ context }) => said.push(context.reason?.why ?? ''))
    await rig.advance(6 * minute)
    expect(said).not.toContain('Since sessions were set aside messages can be read.')
  })

  test('a code is promised only where one comes by itself', async () => {
    const rig = new Rig()
    rig.world.creds = 'absent'
    await rig.start()
    await rig.until(() => rig.state === 'awaitingQr.resting', 120 * minute)
    expect(`${rig.status.message} ${rig.status.remediation}`).toContain('No code comes by itself')
  })

  test("what the owner's connect throws is told in its own words, not as a network that failed", async () => {
    const rig = new Rig()
    rig.world.login = cause('connect-failed', { message: 'cannot read properties of undefined' })
    await rig.start()
    await rig.until('reconnecting', minute)
    expect(rig.status.message).toContain('cannot read properties of undefined')
    expect(`${rig.status.message} ${rig.context.reason?.why}`).not.toMatch(/network/i)
  })
})
