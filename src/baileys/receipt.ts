import type { BinaryNode } from './baileys-types.ts'
import { parseJid } from './signal-address.ts'

/** A device asks for a message of ours again. */
export interface RetryReceipt {
  readonly type: 'retry'
  /** Id of the message. */
  readonly id: string
  /** Jid of the device that asks. */
  readonly device: string
  /**
   * Jid of the chat that the message was sent to, as its receipt names it: a group, or one of the other's jids;
   * undefined if it does not.
   */
  readonly chat: string | undefined
  /** A device of the account itself. */
  readonly own: boolean
  /** The how manieth time it asks for it, by its own count. */
  readonly count: number
  readonly node: BinaryNode
}

/** Devices could read messages of ours. */
export interface ReachedReceipt {
  readonly type: 'reached'
  readonly ids: readonly string[]
  /** Jids of the devices. */
  readonly devices: readonly string[]
}

/** Who the account is. */
export interface Self {
  readonly id: string
  readonly lid?: string | undefined
}

/** Receipts that are sent for what could not be used. */
const failures: ReadonlySet<string> = new Set(['retry', 'enc_rekey_retry', 'server-error'])

/** What a `<receipt>` says of our messages; undefined if it says nothing of them. */
export function readReceipt(node: BinaryNode, self: Self | undefined): RetryReceipt | ReachedReceipt | undefined {
  const { attrs } = node
  const { id, from, participant, recipient, type } = attrs
  if (!id || !from) return undefined
  const device = participant ?? from
  const own = isOwn(device, self)
  // A message that somebody else sent to somebody else: another device of ours may have, and is asked.
  if (recipient !== undefined && !own) return undefined
  if (type === 'retry') {
    const count = Math.max(1, Math.trunc(Number(childOf(node, 'retry')?.attrs.count)) || 1)
    return { type, id, device, chat: own && !isShared(from) ? recipient : from, own, count, node }
  }
  if (type !== undefined && failures.has(type)) return undefined
  const together = childrenOf(node, 'participants')
  if (together.length === 0) return { type: 'reached', ids: [id, ...listed(node)], devices: [device] }
  // In a group the server may gather what several say of one message.
  const devices = together.flatMap((one) => childrenOf(one, 'user').flatMap(({ attrs: { jid } }) => jid ?? []))
  return { type: 'reached', ids: together.flatMap(({ attrs: { key } }) => key ?? []), devices }
}

/** Whether a jid is one of the account's own devices. */
export function isOwn(jid: string, self: Self | undefined): boolean {
  return isSameUser(jid, self?.id) || isSameUser(jid, self?.lid)
}

/** Whether two jids are of one user, whatever the device. A number and a LID are never known to be here. */
export function isSameUser(jid: string, other: string | undefined): boolean {
  if (other === undefined) return false
  const [one, two] = [parseJid(jid), parseJid(other)]
  return one !== undefined && one.user === two?.user && one.server === two.server
}

/** Whether a chat is of many, so that its messages are asked for under its own jid. */
export const isShared = (jid: string): boolean => jid.endsWith('@g.us') || jid.endsWith('@broadcast')

function listed(node: BinaryNode): string[] {
  return childrenOf(childOf(node, 'list'), 'item').flatMap(({ attrs: { id } }) => id ?? [])
}

function childOf(node: BinaryNode, tag: string): BinaryNode | undefined {
  return childrenOf(node, tag)[0]
}

function childrenOf(node: BinaryNode | undefined, tag: string): BinaryNode[] {
  return Array.isArray(node?.content) ? node.content.filter((one) => one.tag === tag) : []
}
