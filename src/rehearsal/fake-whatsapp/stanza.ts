import type { BinaryNode } from '../../baileys/baileys-types.ts'

export const SERVER_JID = 's.whatsapp.net'

/** Builds one node. Attributes that are undefined are left out. */
export function node(
  tag: string,
  attrs: Record<string, string | undefined> = {},
  content?: BinaryNode['content'],
): BinaryNode {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(attrs)) if (value !== undefined) kept[name] = value
  return content === undefined ? { tag, attrs: kept } : { tag, attrs: kept, content }
}

export function children(parent: BinaryNode | undefined, tag?: string): BinaryNode[] {
  const all = Array.isArray(parent?.content) ? parent.content : []
  return tag === undefined ? all : all.filter((child) => child.tag === tag)
}

export function child(parent: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return children(parent, tag)[0]
}

/** The bytes inside the named child; empty if there are none. */
export function bytes(parent: BinaryNode | undefined, tag: string): Buffer {
  return content(child(parent, tag))
}

export function content(one: BinaryNode | undefined): Buffer {
  const inner = one?.content
  if (inner instanceof Uint8Array) return Buffer.from(inner)
  return typeof inner === 'string' ? Buffer.from(inner) : Buffer.alloc(0)
}

export function number(parent: BinaryNode | undefined, tag: string): number {
  const raw = bytes(parent, tag)
  return raw.length === 0 ? 0 : raw.readUIntBE(0, raw.length)
}

export function bigEndian(value: number, length: number): Buffer {
  const raw = Buffer.alloc(length)
  raw.writeUIntBE(value, 0, length)
  return raw
}

/** WhatsApp counts in seconds. */
export function seconds(): string {
  return String(Math.floor(Date.now() / 1000))
}

export interface Address {
  user: string
  device: number
  server: string
}

export function parseJid(jid: string): Address {
  const [whole = '', server = ''] = jid.split('@')
  const [user = '', device = '0'] = whole.split(':')
  return { user, device: Number(device), server }
}
