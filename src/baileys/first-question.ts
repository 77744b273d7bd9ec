import { read } from '../errors/error-chain.ts'
import type { ArrivedMessages } from './arrived-messages.ts'
import { decryptReason, sessionReasons } from './decrypt-reason.ts'
import { tryOpening } from './session-trial.ts'
import { addressLine } from './signal-address.ts'
import { type SignalRepository, sessionAddress, signalRepositoryOf, wrap, wrapDecrypts } from './signal-repository.ts'
import type { BaileysSocket } from './socket.ts'

export interface FirstQuestionParts {
  /** The account's own public key. */
  readonly identity: () => Uint8Array
  /** Whether anything but what Baileys alone does may be asked. */
  readonly heals: boolean
}

/** Questions to the phone that may be under way at once; each takes 5 s. The rest are asked in Baileys' own row. */
const mostPhoneQuestions = 64

/**
 * Baileys asks the sender of a message that it could not read to send it again. Only with its second question for the
 * same message come the keys of which the sender can make a new session, so that the first is useless wherever the
 * session is what is broken: the sender writes the message again in that session. Here the first question that goes to
 * a device has the keys, unless the stored session has read that message before. Whatever else that device wrote is
 * asked for as by Baileys alone, until a message of it is read; each question with keys costs one of them.
 *
 * Version 6 asks the phone for the message before it asks the sender, and waits 5 s for it, one message after the
 * other. It is asked meanwhile, beside that row.
 */
export function askWithKeys(socket: BaileysSocket, arrived: ArrivedMessages, parts: FirstQuestionParts): void {
  const repository = signalRepositoryOf(socket)
  if (!repository || !parts.heals) return
  if (addressLine(socket) === 'v6') askPhoneBeside(socket, repository, arrived)
  /** Devices that have got keys and have not been read since. */
  const asked = new Set<string>()
  const isUsed = async (args: Parameters<SignalRepository['decryptMessage']>[0]): Promise<boolean> => {
    const address = await sessionAddress(socket, repository, args.jid)
    const stored: unknown = read(await socket.authState.keys.get('session', [address]), address)
    return (await tryOpening(stored, args, parts.identity())) === 'used'
  }
  wrap(repository, 'decryptMessage', (decrypt) => async (args) => {
    try {
      const plaintext = await decrypt(args)
      asked.delete(args.jid)
      return plaintext
    } catch (error) {
      const message = arrived.of(args.ciphertext)
      const mayHelp = sessionReasons.has(decryptReason(String(read(error, 'message')))) && !asked.has(args.jid)
      // A store that cannot be read is no reason against new keys.
      if (message && mayHelp && !(await isUsed(args).catch(() => false))) {
        asked.add(args.jid)
        withKeys(message.stanza)
      }
      throw error
    }
  })
}

/**
 * Both lines send the keys with the first question, too, for a message in which they see no ciphertext. Version 7 keeps
 * what children a stanza has, so none of them may be seen; by now each was handed on to be decrypted.
 */
function withKeys(stanza: unknown): void {
  if (Array.isArray(read(stanza, 'content'))) Object.assign(stanza as object, { content: undefined })
}

function askPhoneBeside(socket: BaileysSocket, repository: SignalRepository, arrived: ArrivedMessages): void {
  let underWay = 0
  wrapDecrypts(repository, async (ciphertext, decrypt) => {
    try {
      return await decrypt()
    } catch (error) {
      const key = keyOf(arrived.of(ciphertext)?.stanza)
      if (key && underWay < mostPhoneQuestions) {
        underWay += 1
        // Whatever becomes of it, the sender is asked too.
        const over = () => {
          underWay -= 1
        }
        socket.requestPlaceholderResend?.(key).then(over, over)
      }
      throw error
    }
  })
}

/** As version 6 names the message of a contact, or of a member of a group, to the phone. */
function keyOf(stanza: unknown): PlaceholderKey | undefined {
  const attrs = read(stanza, 'attrs')
  const [id, from, participant] = ['id', 'from', 'participant'].map((name) => read(attrs, name))
  if (typeof id !== 'string' || typeof from !== 'string' || read(attrs, 'recipient') !== undefined) return undefined
  if (/@(?:s\.whatsapp\.net|lid)$/.test(from)) return { remoteJid: from, fromMe: false, id }
  if (!from.endsWith('@g.us') || typeof participant !== 'string') return undefined
  return { remoteJid: from, fromMe: false, id, participant }
}

type PlaceholderKey = Parameters<NonNullable<BaileysSocket['requestPlaceholderResend']>>[0]
