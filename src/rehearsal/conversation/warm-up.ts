import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import type { ConversationClient, Heard } from './client.ts'
import { Happenings } from './happenings.ts'
import { ReadIndex, readersOf } from './judge.ts'
import type { Voice } from './script.ts'

/** A busy machine says nothing for seconds. */
const quietMs = 8_000
const withinMs = 20_000

interface WarmUp {
  readonly server: Pick<FakeWhatsApp, 'onEvent'>
  readonly number: string
  readonly client: Pick<ConversationClient, 'send' | 'onHeard'>
  readonly voices: readonly Voice[]
  /** Names the conversation, so that no text of another one is taken for one of its own. */
  readonly name: string
}

/**
 * A message each way in each chat, one after the other, so that there are sessions and keys before messages cross.
 * Resolves with the texts that were not read.
 */
export async function warmUp({ server, number, client, voices, name }: WarmUp): Promise<readonly string[]> {
  const happenings = new Happenings()
  const index = new ReadIndex()
  const heard: Heard[] = []
  const cold: string[] = []
  const off = client.onHeard((one) => {
    heard.push(one)
    happenings.happened()
  })
  const unwatch = server.onEvent(happenings.happened)
  try {
    for (const { contact, device, group, name: writer } of voices) {
      const text = `${name} ${writer} begins`
      const answer = `${text}, answered`
      await contact.sendFrom(device, group ?? number, text)
      const told = () => heard.some((one) => one.text === text)
      if (!(await happenings.untilQuiet(told, quietMs, withinMs))) cold.push(text)
      const chat = group?.jid ?? contact.from
      const readers = readersOf(chat, { contacts: [contact], groups: group ? [group] : [] })
      const read = () => readers.every((one) => index.times(one.device, answer) > 0)
      await client.send(chat, answer)
      if (!(await happenings.untilQuiet(read, quietMs, withinMs))) cold.push(answer)
    }
  } finally {
    off()
    unwatch()
  }
  return cold
}
