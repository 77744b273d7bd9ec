import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { Device } from './account.ts'
import { bundleNodes, readPreKey, readSignedPreKey } from './bundle.ts'
import type { ServerEvent } from './journal.ts'
import type { ServerState } from './server-state.ts'
import { bytes, child, children, node, number, SERVER_JID } from './stanza.ts'

/** What a logged-in client may ask. */
export interface IqContext {
  state: ServerState
  device: Device
  connection: number
}

type Answer = BinaryNode[] | undefined

/**
 * Answers by namespace and the tag of the first child; whatever is not listed gets an empty result, which clients
 * accept.
 */
const ANSWERS: Record<string, (request: BinaryNode, context: IqContext) => Answer> = {
  'encrypt count': (_, { device, state }) => [
    node('count', { value: String(device.preKeys.size + state.settings.claimedPreKeys) }),
  ],
  'encrypt digest': (_, { device }) => [digest(device)],
  'encrypt key': (request, context) => [node('list', {}, keys(child(request, 'key'), context))],
  'encrypt registration': upload,
  'encrypt rotate': rotate,
  'usync usync': (request, context) => [usync(child(request, 'usync'), context)],
  'w:g2 query': group,
  'w:g2 participating': groups,
  'md remove-companion-device': remove,
}

/** The answer to an `<iq>`, its id and all. */
export function answer(request: BinaryNode, context: IqContext): BinaryNode {
  const handler = ANSWERS[`${request.attrs.xmlns} ${children(request)[0]?.tag}`]
  return answered(request, handler?.(request, context))
}

/** An answer with this content; an error, if there is one in it. */
export function answered(request: BinaryNode, content?: BinaryNode[]): BinaryNode {
  const refused = content?.some(({ tag }) => tag === 'error')
  // A group answers for itself.
  const from = request.attrs.to?.endsWith('@g.us') ? request.attrs.to : SERVER_JID
  return node('iq', { from, type: refused ? 'error' : 'result', id: request.attrs.id }, content)
}

function keys(asked: BinaryNode | undefined, { state, ...asker }: IqContext): BinaryNode[] {
  return children(asked, 'user').map(({ attrs: { jid = '' } }) => {
    const bundle = state.bundle(jid)
    state.journal.add('keys-asked', { ...who(asker), detail: jid })
    return node(
      'user',
      { jid },
      bundle ? bundleNodes(bundle) : [node('error', { code: '404', text: 'item-not-found' })],
    )
  })
}

function digest(device: Device): BinaryNode {
  return node('digest', {}, bundleNodes({ ...device }).slice(0, 4))
}

function upload(request: BinaryNode, { state, device, connection }: IqContext): Answer {
  device.registrationId = number(request, 'registration')
  device.identityKey = bytes(request, 'identity')
  device.signedPreKey = readSignedPreKey(child(request, 'skey'))
  const uploaded = children(child(request, 'list'), 'key').map(readPreKey)
  for (const { keyId, publicKey } of uploaded) device.preKeys.set(keyId, publicKey)
  const about = { connection, account: device.account.number, device: device.id }
  state.journal.add('pre-keys', { ...about, detail: String(uploaded.length) })
  return undefined
}

function rotate(request: BinaryNode, { device }: IqContext): Answer {
  device.signedPreKey = readSignedPreKey(child(child(request, 'rotate'), 'skey'))
  return undefined
}

function remove(_: BinaryNode, { state, device, connection }: IqContext): Answer {
  device.account.devices.delete(device.id)
  state.journal.add('unlinked', { connection, account: device.account.number, device: device.id })
  return undefined
}

function group({ attrs: { to = '' } }: BinaryNode, { state, device, connection }: IqContext): Answer {
  state.journal.add('group-asked', { ...who({ device, connection }), detail: to })
  const asked = state.groups.get(to)
  if (!asked) return [node('error', { code: '404', text: 'item-not-found' })]
  return asked.has(device.account.jid) ? [asked.node] : [node('error', { code: '403', text: 'forbidden' })]
}

function groups(_: BinaryNode, { state, device }: IqContext): Answer {
  const own = [...state.groups.values()].filter((one) => one.has(device.account.jid))
  return [
    node(
      'groups',
      {},
      own.map((one) => one.node),
    ),
  ]
}

function usync(query: BinaryNode | undefined, { state, ...asker }: IqContext): BinaryNode {
  const protocols = children(child(query, 'query')).map(({ tag }) => tag)
  const users = children(child(query, 'list'), 'user').map((user) => {
    const typed = bytes(user, 'contact').toString().replace(/\D/g, '')
    const jid = user.attrs.jid ?? `${typed}@${SERVER_JID}`
    if (protocols.includes('devices')) state.journal.add('devices-asked', { ...who(asker), detail: jid })
    return node(
      'user',
      { jid },
      protocols.flatMap((protocol) => about(jid, protocol, state)),
    )
  })
  return node('usync', {}, [node('result', {}), node('list', {}, users)])
}

function about(jid: string, protocol: string, state: ServerState): BinaryNode[] {
  const correspondent = state.correspondent(jid)
  if (protocol === 'contact') return [node('contact', { type: correspondent ? 'in' : 'out' })]
  if (!correspondent) return []
  if (protocol === 'lid') return correspondent.lid ? [node('lid', { val: correspondent.lid })] : []
  if (protocol !== 'devices') return []
  const devices = correspondent.deviceIds.map((id) =>
    node('device', { id: String(id), 'key-index': id === 0 ? undefined : String(id) }),
  )
  return [node('devices', {}, [node('device-list', {}, devices)])]
}

function who({ device, connection }: Omit<IqContext, 'state'>): Partial<ServerEvent> {
  return { connection, account: device.account.number, device: device.id }
}
