import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../../src/index.ts'
import type { ConversationClient, Heard } from '../../../src/rehearsal/conversation/client.ts'
import { converse } from '../../../src/rehearsal/conversation/conversation.ts'
import { inWords, story } from '../../../src/rehearsal/conversation/report.ts'
import { Script } from '../../../src/rehearsal/conversation/script.ts'
import { lines } from '../../line/world.ts'
import { inTurn } from '../../share.ts'
import { muteConsole } from '../fake-whatsapp/client.ts'
import { Arm } from './arm.ts'

const today = inTurn(lines, import.meta.url)

/** At a pace at which nothing crosses on either line. */
const slowly = { seed: 1, gapMs: [150, 250], answerMs: [0, 20], quietMs: 1_500 } as const

describe.each(today)('a conversation, Baileys $name', ({ name, baileys }) => {
  let arm: Arm | undefined

  beforeEach(() => {
    muteConsole()
  })

  afterEach(async () => {
    await arm?.close()
    arm = undefined
  })

  // Baileys 6 alone breaks a session now and then, also at this pace.
  test.each(name === 'v6' ? (['supervised'] as const) : (['alone', 'supervised'] as const))(
    'of Baileys %s in which nothing goes wrong is told as one',
    async (how) => {
      arm = await Arm.open({ baileys, ...(how === 'supervised' && { store: fileAuthStore }) })
      const anna = arm.contact('anna', { devices: 2 })
      const group = arm.server.group('family', [...arm.contacts(2), arm.server.phone(arm.number)])
      const report = await arm.converse({ ...slowly, contacts: [anna], groups: [group], messages: 1, unasked: 1 })
      expect(report, story(report)).toMatchObject({
        seed: 1,
        complete: true,
        // Of two devices and of two in a group, all answered, and two that nobody asked for.
        toAccount: { sent: 4, read: 4, neverRead: [], askedAgain: 0, toldTwice: [], toldNever: [], outOfOrder: 0 },
        toContacts: { sent: 6, read: 6, neverRead: [], askedAgain: 0, toldTwice: [], toldNever: [], outOfOrder: 0 },
        cold: [],
        refused: [],
        lostOnTheWay: [],
      })
      const written = report.order.find(({ what }) => what === 'written')
      const after = report.order.filter(({ text }) => text === written?.text).map(({ what }) => what)
      expect(after).toEqual(expect.arrayContaining(['message-to-client', 'written', 'receipt', 'told to the account']))
    },
  )

  test('goes on through a reconnect, in which nothing of it is lost', async () => {
    // Baileys 6 alone may break a session meanwhile.
    arm = await Arm.open({ baileys, ...(name === 'v6' && { store: fileAuthStore }) })
    const { client, server, number } = arm
    const linked = server.logins(number).length
    const meanwhile = () => client.reconnect()
    const report = await arm.converse({ ...slowly, contacts: arm.contacts(1), messages: 3, meanwhile })
    expect(server.logins(number).length - linked).toBe(1)
    expect([report.complete, report.toAccount.read, report.toContacts.read], story(report)).toEqual([true, 3, 3])
  })

  test('names what a contact could not read, that it asked for it, and when', async () => {
    arm = await Arm.open({ baileys, config: { enableRecentMessageCache: false } })
    const { number } = arm
    const anna = arm.contact('anna', { devices: 2 })
    const report = await arm.converse({
      ...slowly,
      contacts: [anna],
      messages: 0,
      unasked: 1,
      meanwhile: async () => anna.forget(number),
    })
    const text = `to ${anna.jid} 1`
    expect(report.complete).toBe(false)
    expect(report.toContacts).toMatchObject({ sent: 1, read: 0, askedAgain: 2 })
    expect(report.toContacts.neverRead.join()).toMatch(new RegExp(`^c\\d+ ${text} \\(not anna/0, anna/1\\)$`))
    expect(inWords(report.toContacts)).toBe('0 of 1 read, 2 asked again, 1 told never')
    expect(story(report)).toMatch(
      /^seed 1, .*\n.*\nto contacts: 0 of 1 read.*\n"c\d+ to .*":\n( +\d+ ms {2}.*\n)* +\d+ ms {2}retry-to-client/m,
    )
  })

  test('names what the account was told twice, and what it was not told', async () => {
    arm = await Arm.open({ baileys })
    const { server, number, client } = arm
    const wrong: Pick<ConversationClient, 'send' | 'onHeard'> = {
      send: (jid, text) => (text.endsWith('answered') ? client.send(jid, text) : Promise.reject(new Error('not now'))),
      onHeard: (listener) =>
        client.onHeard((heard: Heard) => {
          if (heard.text.endsWith('2')) listener(heard)
          if (!heard.text.endsWith('3')) listener(heard)
        }),
    }
    const report = await converse({ ...slowly, server, number, client: wrong, contacts: arm.contacts(1), messages: 3 })
    expect(report.toAccount).toMatchObject({ sent: 3, read: 3 })
    expect(report.toAccount.toldTwice.join()).toMatch(/ 2$/)
    expect(report.toAccount.toldNever.join()).toMatch(/ 3$/)
    expect(report.refused.map((one) => one.replace(/^re: c\d+ /, ''))).toEqual(['k0 1: not now', 'k0 2: not now'])
    expect(report.toContacts.sent).toBe(0)
  })
})

test('the same seed gives the same gaps, whatever the conversation is called, and another seed gives others', () => {
  const drawn = (seed: number) => Array.from({ length: 20 }, (_, at) => new Script(seed).ms(`k0 ${at}`, [0, 500]))
  expect(drawn(1)).toEqual(drawn(1))
  expect(drawn(1)).not.toEqual(drawn(2))
  expect(Math.max(...drawn(1))).toBeLessThanOrEqual(500)
})
