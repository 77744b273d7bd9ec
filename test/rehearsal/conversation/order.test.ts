import { beforeAll, describe, expect, test, vi } from 'vitest'
import { fileAuthStore } from '../../../src/index.ts'
import { inWords, story } from '../../../src/rehearsal/conversation/report.ts'
import { lines } from '../../line/world.ts'
import { inTurn, slow } from '../../share.ts'
import { muteConsole } from '../fake-whatsapp/client.ts'
import { Arm } from './arm.ts'

const today = inTurn(lines, import.meta.url)

vi.setConfig({ testTimeout: 120_000 })

beforeAll(() => {
  muteConsole()
})

// The first of each member comes with the backlog, and the others live. The key lies in the first.
describe.each(today)('a group in which all write as the account comes, Baileys $name', ({ baileys }) => {
  test('is read in order, and nothing of it is asked for again', { tags: [slow] }, async (context) => {
    const arms = [
      await Arm.open({ baileys, writeMs: 30 }),
      await Arm.open({ baileys, writeMs: 30, store: fileAuthStore }),
    ]
    try {
      const [alone, supervised] = await Promise.all(
        arms.map((arm) => {
          const byLid = { addressing: 'lid' } as const
          const members = arm.contacts(4, byLid)
          return arm.converse({
            contacts: [],
            groups: [arm.server.group('club', [...members, arm.server.phone(arm.number)], byLid)],
            seed: 1,
            messages: 6,
            warmUp: false,
            gapMs: [0, 5],
            answerMs: [0, 0],
            quietMs: 3_000,
            endsWithinMs: 20_000,
          })
        }),
      )
      const beside = alone && `Baileys alone: to the account ${inWords(alone.toAccount)}`
      await context.annotate(String(beside))
      expect(supervised, `${beside}\nSupervised: ${supervised && story(supervised)}`).toMatchObject({
        toAccount: { neverRead: [], askedAgain: 0, outOfOrder: 0, toldTwice: [], toldNever: [] },
        refused: [],
        lostOnTheWay: [],
      })
    } finally {
      await Promise.all(arms.map((arm) => arm.close()))
    }
  })
})
