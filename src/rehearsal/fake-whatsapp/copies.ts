import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { Group } from './group.ts'
import type { Correspondent, ServerState } from './server-state.ts'
import { child, children, parseJid } from './stanza.ts'

/** What one device gets of a message. */
export interface Copy {
  readonly reader: Correspondent
  readonly device: number
  readonly encs: readonly BinaryNode[]
  readonly group?: Group
}

/**
 * Who gets what of a message. Between two it is for one address, or carries a copy for each device. In a group every
 * device of every member gets what is for all, and before it what is for it alone; what is sent again names the one
 * device that asked.
 */
export function copiesOf(stanza: BinaryNode, state: ServerState): Copy[] {
  const { to = '', participant } = stanza.attrs
  const own = children(child(stanza, 'participants'), 'to').flatMap(({ attrs, content }) =>
    attrs.jid && Array.isArray(content) ? [{ jid: attrs.jid, encs: content }] : [],
  )
  const forAll = children(stanza, 'enc')
  const group = state.groups.get(to)
  if (!group) {
    const direct = forAll.length > 0 ? [{ jid: participant ?? to, encs: forAll }] : []
    return [...own, ...direct].flatMap(({ jid, encs }) => copyFor(jid, encs, state))
  }
  const perDevice = new Map(own.map(({ jid, encs }) => [nameOf(jid, state), encs]))
  const jids = participant === undefined ? devicesOf(group, state) : [participant]
  return jids
    .flatMap((jid) => copyFor(jid, [...(perDevice.get(nameOf(jid, state)) ?? []), ...forAll], state))
    .map((copy) => ({ ...copy, group }))
}

function copyFor(jid: string, encs: readonly BinaryNode[], state: ServerState): Copy[] {
  const reader = state.correspondent(jid)
  return reader ? [{ reader, device: parseJid(jid).device, encs }] : []
}

/** One name for a device, by whichever of its addresses it is meant. */
function nameOf(jid: string, state: ServerState): string {
  return `${state.correspondent(jid)?.jid} ${parseJid(jid).device}`
}

function devicesOf(group: Group, state: ServerState): string[] {
  return group.members.flatMap((member) => {
    const ids = state.correspondent(member.jid)?.deviceIds ?? []
    return ids.map((id) => group.addressOf(member, id))
  })
}
