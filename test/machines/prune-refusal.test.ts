import { describe, expect, test } from 'vitest'
import { pruneRefusal } from '../../machines/index.ts'
import { Rig } from './rig.ts'

const minute = 60_000

describe('a person who asks for a prune is told what is in its way', () => {
  test('nothing is', async () => {
    const rig = await new Rig().healthy()
    expect(pruneRefusal(rig.context, 'all')).toBeUndefined()
    rig.unreadable(['a.0'], ['1', '2', '3'], 'bad-session', true)
    expect(pruneRefusal(rig.context, 'failing')).toBeUndefined()
  })

  test('that it is observing', async () => {
    const rig = await new Rig({ mode: 'observe' }).healthy()
    for (const scope of ['all', 'failing'] as const)
      expect(pruneRefusal(rig.context, scope)?.message).toMatch(/^Observing only/)
  })

  test('that nothing is failing', async () => {
    const rig = await new Rig().healthy()
    expect(pruneRefusal(rig.context, 'failing')?.message).toMatch(/^No session is failing/)
  })

  test("that the day's budget is spent, for all and for those that fail", async () => {
    const rig = await new Rig().healthy()
    rig.send({ type: 'prune', scope: 'all' })
    await rig.until('healthy', minute)
    expect(pruneRefusal(rig.context, 'all')).toMatchObject({
      message: expect.stringContaining('as often in the last 24 h as the policy allows'),
      remediation: expect.stringContaining('prune.allPerDay'),
    })
    let id = 0
    const failing = () => rig.unreadable(['a.0'], [`${++id}`, `${++id}`, `${++id}`], 'bad-session', true)
    failing()
    rig.send({ type: 'prune', scope: 'failing' })
    await rig.until('healthy', minute)
    failing()
    expect(pruneRefusal(rig.context, 'failing')?.message).toMatch(/^Each session that fails was set aside/)
    await rig.advance(61 * minute)
    failing()
    expect(pruneRefusal(rig.context, 'failing')).toBeUndefined()
  })
})
