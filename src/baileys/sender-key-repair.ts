import { read } from '../errors/error-chain.ts'
import type { ArrivedMessages } from './arrived-messages.ts'
import { wentBack } from './decrypt-reason.ts'
import { headOf, reaches, senderKeyName, statesOf, storedStates } from './sender-key-states.ts'
import type { SessionTurns } from './session-turns.ts'
import { senderKeyRecord } from './session-work.ts'
import { type GroupCiphertext, signalRepositoryOf, wrap } from './signal-repository.ts'
import type { BaileysSocket } from './socket.ts'

export interface SenderKeyRepairParts {
  /** Whether a message of that id was read and told before. */
  readonly wasTold: (id: string) => boolean
  /** Called with the name of a key before that is taken out or reordered; nothing is changed if it rejects. */
  readonly keep: (name: string) => Promise<void>
  /** Whether a key that reads nothing may be taken out. */
  readonly mayTakeOut: () => boolean
  readonly takenOut: () => void
  /** Milliseconds; default: `performance.now`. */
  readonly now?: () => number
}

const tooFarAhead = /^Over 2000 messages into the future!/
const behind = /^Received message with old counter/
/** One may be a message of which nobody remembers that it was read. */
const firstMessagesBehind = 2
/** A key that is taken out again and again is not what is wrong. */
const againAfterMs = 3_600_000
const mostKnown = 1_024

/** `reachable`: another key of the same id is asked from now on. `taken`: there is none, and the old one is out. */
type Outcome = 'reachable' | 'taken' | 'none'

/**
 * The key of one member for one group can be out of step for ever: its counter ran away (Baileys as a sender takes two
 * steps for a message and 2,000 is the most, so after 1,000 missed ones), or went back with a file that the member
 * restored. The member hands the same key out again when it is asked; Baileys puts it behind the old one of the same
 * id, and goes on asking the old one until that is the oldest of five and falls out. Here the one that reaches the
 * message is used at once. Where none does, the old one is taken out, so that the next that is handed out counts; both
 * lines of Baileys ask for it themselves, with the message.
 *
 * An old counter is mostly a message that came twice. Such a one comes with the backlog, or was told before by its id.
 */
export function mendSenderKeys(
  socket: BaileysSocket,
  arrived: ArrivedMessages,
  turns: SessionTurns,
  parts: SenderKeyRepairParts,
): void {
  const repository = signalRepositoryOf(socket)
  if (!repository) return
  const { keys } = socket.authState
  const now = parts.now ?? (() => performance.now())
  /** By name of the key: messages that came behind it since it read one. */
  const messagesBehind = new Map<string, Set<string>>()
  const takenOutAt = new Map<string, number>()

  const isFirst = (msg: Uint8Array): boolean => {
    const message = arrived.of(msg)
    return message?.live === true && !parts.wasTold(message.id)
  }
  const isOutOfStep = (name: string, msg: Uint8Array): boolean => {
    const ids = messagesBehind.get(name) ?? new Set()
    messagesBehind.set(name, ids.add(arrived.of(msg)?.id ?? ''))
    if (messagesBehind.size > mostKnown) messagesBehind.clear()
    return ids.size >= firstMessagesBehind
  }

  async function mend({ group, msg }: GroupCiphertext, address: string, certain: boolean): Promise<Outcome> {
    const head = headOf(msg)
    const name = senderKeyName(group, address)
    let outcome = 'none' as Outcome
    if (!head) return outcome
    await turns.exchange([senderKeyRecord(group, address)], async () => {
      const states = statesOf(read(await keys.get('sender-key', [name]), name))
      const same = states.filter(({ senderKeyId }) => senderKeyId === head.id)
      const others = states.filter(({ senderKeyId }) => senderKeyId !== head.id)
      const fits = same.findLast((state) => reaches(state, head.iteration))
      const last = takenOutAt.get(name)
      const mayTakeOut = certain && (last === undefined || now() - last >= againAfterMs)
      if (same.length === 0 || (!fits && !mayTakeOut) || !parts.mayTakeOut()) return undefined
      await parts.keep(name)
      outcome = fits ? 'reachable' : 'taken'
      if (!fits) takenOutAt.set(name, now())
      const left = fits ? [...others, fits] : others
      return { 'sender-key': { [name]: left.length > 0 ? storedStates(left) : null } }
    })
    return outcome
  }

  wrap(repository, 'decryptGroupMessage', (inner) => async (args) => {
    const { group, authorJid, msg } = args
    try {
      const plain = await inner(args)
      if (messagesBehind.size > 0)
        messagesBehind.delete(senderKeyName(group, repository.jidToSignalProtocolAddress(authorJid)))
      return plain
    } catch (error) {
      const text = String(read(error, 'message'))
      const isBehind = behind.test(text)
      if (!tooFarAhead.test(text) && !(isBehind && isFirst(msg))) throw error
      const address = repository.jidToSignalProtocolAddress(authorJid)
      const certain = !isBehind || isOutOfStep(senderKeyName(group, address), msg)
      const outcome = await mend(args, address, certain).catch((): Outcome => 'none')
      if (outcome === 'reachable') return inner(args)
      if (outcome === 'taken') parts.takenOut()
      throw isBehind ? new Error(`${wentBack}: ${text}`, { cause: error }) : error
    }
  })
}
