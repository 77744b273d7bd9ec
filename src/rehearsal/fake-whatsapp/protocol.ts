import type { Baileys } from '../../baileys/baileys-types.ts'
import { installedBaileys } from '../../baileys/installed.ts'

/** The part of a Baileys that writes and reads stanzas: with the words of one dictionary. */
export type Dictionary = Pick<Baileys, 'encodeBinaryNode' | 'decodeBinaryNode'>

/** What else of the protocol comes from Baileys: its messages, and its arithmetic for groups. */
type Protocol = Pick<Baileys, 'proto' | 'DEFAULT_CONNECTION_CONFIG'>

/** WhatsApp's header before the first frame: these bytes, then the number of the client's dictionary. */
const HEADER = Buffer.from([0x57, 0x41, 6])
export const HEADER_LENGTH = HEADER.length + 1

let learnt: Protocol | undefined
const dictionaries = new Map<number, Dictionary>()

/**
 * Takes over what a Baileys knows of the protocol. Clients of the releases from 6.7.18 to 7 abbreviate words by
 * dictionary 3, 6.17.16 and the forks made of it by dictionary 2: each is learnt from a Baileys that speaks it.
 */
export function learn(namespace: object): void {
  const module = inner(namespace)
  const number: unknown = Reflect.get(Object(module.NOISE_WA_HEADER), HEADER.length)
  if (typeof number !== 'number' || !module.encodeBinaryNode || !module.decodeBinaryNode) return
  if (!dictionaries.has(number)) dictionaries.set(number, module as Dictionary)
  if (module.proto && module.DEFAULT_CONNECTION_CONFIG) learnt ??= module as Protocol
}

/** The namespace; of a CommonJS module that was imported, what it exports. */
function inner(namespace: object): Partial<Baileys> {
  const exported: unknown = Reflect.get(namespace, 'default')
  const isWhole = 'encodeBinaryNode' in namespace || typeof exported !== 'object' || exported === null
  return (isWhole ? namespace : exported) as Partial<Baileys>
}

/** From these, and from the Baileys beside this package if there is one. Rejects if nothing was learnt of any. */
export async function learnProtocol(given: readonly object[] = []): Promise<void> {
  for (const one of given) learn(one)
  if (learnt && dictionaries.has(3)) return
  try {
    learn(await installedBaileys())
  } catch (error) {
    if (!learnt) throw error
  }
}

export function protocol(): Protocol {
  if (!learnt) throw new Error('No Baileys is known yet: startFakeWhatsApp() loads it.')
  return learnt
}

/** By the header that a client began with. */
export function dictionaryOf(header: Buffer): Dictionary {
  const number = header.readUInt8(HEADER.length)
  const known = dictionaries.get(number)
  if (known) return known
  throw new Error(
    `This client speaks dictionary ${number}, which no Baileys here does. Hand in its namespace: startFakeWhatsApp({ baileys: await import('the-fork') }).`,
  )
}

export const isHeader = (bytes: Buffer): boolean => bytes.subarray(0, HEADER.length).equals(HEADER)

/** The byte before a public key that says of which curve it is. */
export const KEY_BUNDLE_TYPE: Buffer = Buffer.from([5])
