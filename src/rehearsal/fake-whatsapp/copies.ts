import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Group } from './group.ts'
import { child, children, parseJid } from './stanza.ts'
import type { Correspondent, World } from './world.ts'

/** What one device gets of a message. */
export interface Copy {
  readonly reader: Correspondent
  readonly device: number
  readonly encs: readonly BinaryNode[]
  readonly group?: Group
}

/**
 * Who gets what of a message. Between two it is for one address, or carries a copy for each device. In a group every device of every member gets what is for all,
 * and before it what is for it alone; what is sent again names the one device that asked.
 */
export function copiesOf(stanza: BinaryNode, world: World): Copy[] {
  const { to = '', participant } = stanza.attrs
  const own = children(child(stanza, 'participants'), 'to').flatMap(({ attrs, content }) =>
    attrs.jid && Array.isArray(content) ? [{ jid: attrs.jid, encs: content }] : [],
  )
  const forAll = children(stanza, 'enc')
  const group = world.groups.get(to)
  if (!group) {
    const direct = forAll.length > 0 ? [{ jid: participant ?? to, encs: forAll }] : []
    return [...own, ...direct].flatMap(({ jid, encs }) => copyFor(jid, encs, world))
  }
  const perDevice = new Map(own.map(({ jid, encs }) => [nameOf(jid, world), encs]))
  const jids = participant === undefined ? devicesOf(group, world) : [participant]
  return jids
    .flatMap((jid) => copyFor(jid, [...(perDevice.get(nameOf(jid, world)) ?? []), ...forAll], world))
    .map((copy) => ({ ...copy, group }))
}

function copyFor(jid: string, encs: readonly BinaryNode[], world: World): Copy[] {
  const reader = world.correspondent(jid)
  return reader ? [{ reader, device: parseJid(jid).device, encs }] : []
}

/** One name for a device, by whichever of its addresses it is meant. */
function nameOf(jid: string, world: World): string {
  return `${world.correspondent(jid)?.jid} ${parseJid(jid).device}`
}

function devicesOf(group: Group, world: World): string[] {
  return group.members.flatMap((member) => {
    const ids = world.correspondent(member.jid)?.deviceIds ?? []
    return ids.map((id) => group.addressOf(member, id))
  })
}
