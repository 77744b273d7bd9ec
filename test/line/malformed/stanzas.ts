import type { BinaryNode } from '@whiskeysockets/baileys'
import fc from 'fast-check'

const contact = '4915100000001@s.whatsapp.net'
const group = '120363000000000001@g.us'
const newsletter = '120363000000000002@newsletter'
const server = '@s.whatsapp.net'

type Content = BinaryNode['content']
const node = (tag: string, attrs: Record<string, string> = {}, content?: Content): BinaryNode =>
  content === undefined ? { tag, attrs } : { tag, attrs, content }

const t = '1782864000'
const notification = (type: string, from: string, content?: Content, attrs: Record<string, string> = {}) =>
  node('notification', { id: `n-${type}`, type, from, t, ...attrs }, content)
const inGroup = (child: BinaryNode) => notification('w:gp2', group, [child], { participant: contact })
const dirty = (type: string) => node('ib', { from: server }, [node('dirty', { type, timestamp: t })])
const participant = node('participant', {
  jid: contact,
  phone_number: contact,
  lid: '100000000000001@lid',
  type: 'admin',
})

/**
 * One stanza of each kind that either line of Baileys listens to and goes on after, as WhatsApp writes it. What begins
 * or ends a connection, asks for history or for app state, or makes the client show a code is left out: it does what it
 * should.
 */
export const wellFormed: readonly BinaryNode[] = [
  node('message', { id: 'M1', from: contact, t, type: 'text', notify: 'anna' }, [
    node('enc', { v: '2', type: 'msg' }, Buffer.from('no ciphertext')),
  ]),
  node('message', { id: 'M2', from: group, participant: contact, t, type: 'text' }, [
    node('enc', { v: '2', type: 'skmsg' }, Buffer.from('no ciphertext')),
  ]),
  node('message', { id: 'M3', from: contact, t, type: 'text' }, [
    node('enc', { v: '2', type: 'pkmsg' }, Buffer.alloc(3)),
  ]),
  node('message', { id: 'M4', from: contact, t, type: 'text' }, [node('unavailable', { type: 'view_once' })]),
  node('message', { id: 'M5', from: newsletter, t, type: 'text', server_id: '7' }, [
    node('plaintext', {}, Buffer.from('no message')),
  ]),
  node('message', { id: 'M6', from: 'status@broadcast', participant: contact, t, type: 'media' }, [
    node('enc', { v: '2', type: 'msmsg' }, Buffer.from('no ciphertext')),
  ]),
  node('receipt', { id: 'R1', from: contact, t }),
  node('receipt', { id: 'R2', from: group, participant: contact, t, type: 'read' }, [
    node('list', {}, [node('item', { id: 'R2a' }), node('item', { id: 'R2b' })]),
  ]),
  node('receipt', { id: 'R3', from: contact, t, type: 'retry' }, [
    node('retry', { count: '1', id: 'R3', t, v: '1' }),
    node('registration', {}, Buffer.from([0, 0, 1, 2])),
  ]),
  node('receipt', { id: 'R4', from: contact, t, type: 'retry', recipient: contact }, [
    node('retry', { count: '2', id: 'R4', t, v: '1' }),
    node('keys', {}, [
      node('type', {}, Buffer.from([5])),
      node('identity', {}, Buffer.alloc(32, 1)),
      node('key', {}, [node('id', {}, Buffer.from([0, 0, 1])), node('value', {}, Buffer.alloc(32, 2))]),
      node('skey', {}, [
        node('id', {}, Buffer.from([0, 0, 1])),
        node('value', {}, Buffer.alloc(32, 3)),
        node('signature', {}, Buffer.alloc(64, 4)),
      ]),
    ]),
  ]),
  notification('newsletter', newsletter, [node('reaction', { message_id: '1' }, [node('reaction', {}, '👍')])]),
  notification('newsletter', newsletter, [node('view', { message_id: '1' }, '12')]),
  notification('newsletter', newsletter, [node('participant', { jid: contact, action: 'promote', role: 'ADMIN' })]),
  notification('newsletter', newsletter, [node('update', {}, [node('settings', {}, [node('name', {}, 'news')])])]),
  notification('newsletter', newsletter, [
    node('message', { message_id: '1', t }, [node('plaintext', {}, Buffer.alloc(4, 8))]),
  ]),
  notification('mex', server, [
    node('mex', {}, '{"operation":"NotificationNewsletterUpdate","updates":[{"jid":"1@newsletter"}]}'),
  ]),
  notification('mex', server, [node('update', { op_name: 'NotificationUserReachoutTimelockUpdate' }, '{"data":{}}')]),
  inGroup(
    node('create', { type: 'new' }, [
      node('group', { id: '120363000000000001', subject: 'us', s_t: t, creation: t, creator: contact }, [participant]),
    ]),
  ),
  ...['add', 'remove', 'promote', 'demote', 'leave', 'modify'].map((tag) => inGroup(node(tag, {}, [participant]))),
  inGroup(node('subject', { subject: 'them', s_t: t })),
  inGroup(node('description', { id: 'd' }, [node('body', {}, 'what we do')])),
  ...['announcement', 'not_announcement', 'locked', 'unlocked', 'not_ephemeral'].map((tag) => inGroup(node(tag))),
  inGroup(node('ephemeral', { expiration: '86400' })),
  inGroup(node('invite', { code: 'abc' })),
  inGroup(node('member_add_mode', {}, 'all_member_add')),
  inGroup(node('membership_approval_mode', {}, [node('group_join', { state: 'on' })])),
  inGroup(node('created_membership_requests', { request_method: 'invite_link' }, [participant])),
  inGroup(node('revoked_membership_requests', {}, [participant])),
  notification('mediaretry', contact, [
    node('encrypt', {}, [node('enc_p', {}, Buffer.alloc(8)), node('enc_iv', {}, Buffer.alloc(12))]),
    node('rmr', { jid: contact, from_me: 'false' }),
  ]),
  notification('encrypt', server, [node('count', { value: '90' })]),
  notification('encrypt', contact, [node('identity')]),
  notification('devices', contact, [
    node('add', { device_hash: '2:abc' }, [node('device', { jid: '4915100000001:3@s.whatsapp.net' })]),
  ]),
  notification('devices', contact, [
    node('remove', { device_hash: '2:abc' }, [node('device', { jid: '4915100000001:3@s.whatsapp.net' })]),
  ]),
  notification('devices', contact, [node('update', { hash: 'abc' }, [node('device', { jid: contact })])]),
  notification('picture', contact, [node('set', { id: '1', author: contact, hash: 'abc' })]),
  notification('picture', group, [node('delete', { author: contact, hash: 'abc' })]),
  notification('account_sync', server, [node('disappearing_mode', { duration: '0', t })]),
  notification('account_sync', server, [node('blocklist', {}, [node('item', { jid: contact, action: 'block' })])]),
  notification('link_code_companion_reg', server, [
    node('link_code_companion_reg', { stage: 'primary_hello' }, [node('link_code_pairing_ref', {}, Buffer.alloc(8))]),
  ]),
  notification('privacy_token', contact, [
    node('tokens', {}, [node('token', { jid: contact, t, type: 'trusted_contact' }, Buffer.alloc(8, 1))]),
  ]),
  notification('server_sync', server, [node('nothing')]),
  node('call', { id: 'C1', from: contact, t }, [
    node('offer', { 'call-id': 'C', 'call-creator': contact, 'group-jid': group }, [node('audio', { enc: 'opus' })]),
  ]),
  node('call', { id: 'C2', from: contact, t }, [
    node('terminate', { 'call-id': 'C', 'call-creator': contact, reason: 'timeout' }),
  ]),
  node('call', { id: 'C3', from: contact, t }, [
    node('relaylatency', { 'call-id': 'C', 'call-creator': '100000000000001@lid' }),
  ]),
  node('ack', { class: 'message', id: 'A1', from: contact, t }),
  node('ack', { class: 'message', id: 'A2', from: contact, t, error: '479' }),
  node('ack', { class: 'message', id: 'A3', from: contact, t, error: '463', phash: '2:abc' }),
  node('presence', { from: contact, type: 'available' }),
  node('presence', { from: group, participant: contact, type: 'unavailable', last: 'deny' }),
  node('chatstate', { from: contact }, [node('composing', { media: 'audio' })]),
  node('chatstate', { from: group, participant: contact }, [node('paused')]),
  dirty('account_sync'),
  dirty('groups'),
  node('ib', { from: server }, [node('offline_preview', { count: '3', message: '1' })]),
  node('ib', { from: server }, [node('offline', { count: '0' })]),
  node('ib', { from: server }, [node('edge_routing', {}, [node('routing_info', {}, Buffer.from([8, 1]))])]),
  node('iq', { id: 'Q1', from: server, type: 'result' }),
  node('iq', { id: 'Q2', from: server, type: 'error' }, [node('error', { code: '404', text: 'item-not-found' })]),
  node('iq', { id: 'Q3', from: server, type: 'get', xmlns: 'urn:xmpp:ping' }),
  node('stranger', { id: 'S1', from: server }, [node('nobody')]),
]

/** Values that fit nowhere, none of them a name of something that would be asked for. */
const oddValue = fc.constantFrom(
  '',
  'x',
  '-1',
  '1e9',
  'NaN',
  '00',
  '@',
  'undefined',
  contact,
  group,
  '…',
  '1'.repeat(40),
)
const oddContent: fc.Arbitrary<Content> = fc.oneof(
  fc.constantFrom<Content>(undefined, '', 'text', '{"data":null}', '[]', '{'),
  fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes)),
  fc.constant<Content>([]),
  fc.constant<Content>([node('odd', {}, [node('odder')])]),
)

/** Every node of a tree, the root first. */
const nodesIn = (tree: BinaryNode): BinaryNode[] => [
  tree,
  ...(Array.isArray(tree.content) ? tree.content.flatMap(nodesIn) : []),
]

type Harm = (victim: BinaryNode) => void
const harm: fc.Arbitrary<Harm> = fc.oneof(
  // An attribute is gone, another than it should be, or one too many.
  fc.tuple(fc.nat(), fc.constantFrom('lost', 'odd'), oddValue).map(([at, how, value]) => (victim: BinaryNode) => {
    const names = Object.keys(victim.attrs)
    const name = names[at % Math.max(1, names.length)]
    if (name === undefined) return
    if (how === 'lost') delete victim.attrs[name]
    else victim.attrs[name] = value
  }),
  fc
    .tuple(fc.constantFrom('offline', 'participant', 'type', 'error', 'recipient', 'jid'), oddValue)
    .map(([name, value]) => (victim: BinaryNode) => {
      victim.attrs[name] = value
    }),
  fc.constant<Harm>((victim) => {
    victim.attrs = {}
  }),
  // Children are gone, doubled, of another name, or no children at all.
  oddContent.map((content) => (victim: BinaryNode) => {
    if (content === undefined) delete victim.content
    else victim.content = content
  }),
  fc.nat().map((at) => (victim: BinaryNode) => {
    if (Array.isArray(victim.content) && victim.content.length > 0) victim.content.splice(at % victim.content.length, 1)
  }),
  fc.constant<Harm>((victim) => {
    if (Array.isArray(victim.content)) victim.content = [...victim.content, ...victim.content]
  }),
)

/**
 * What the client would do as it should if a mutation made it so: ask for app state in a circle, which a server without
 * any never ends.
 */
const isLeftOut = ({ tag, attrs, content }: BinaryNode): boolean =>
  tag === 'notification' &&
  attrs.type === 'server_sync' &&
  Array.isArray(content) &&
  content.some((child) => child.tag === 'collection')

/** A stanza with one to three things wrong. */
const malformed: fc.Arbitrary<BinaryNode> = fc
  .tuple(fc.constantFrom(...wellFormed), fc.array(fc.tuple(fc.nat(), harm), { minLength: 1, maxLength: 3 }))
  .map(([template, harms]) => {
    const stanza = structuredClone(template)
    for (const [at, change] of harms) {
      const all = nodesIn(stanza)
      change(all[at % all.length] ?? stanza)
    }
    return stanza
  })
  .filter((stanza) => !isLeftOut(stanza))

/** That many malformed stanzas, the same ones for the same seed. */
export const malformedStanzas = (count: number, seed: number): BinaryNode[] =>
  fc.sample(malformed, { numRuns: count, seed })
