import type { ConnectOptions } from '../../src/index.ts'
import type { Random } from './random.ts'
import type { Owner, VirtualTime } from './virtual-time.ts'
import type { Ending, Message, Network, WhatsApp } from './whatsapp.ts'

/** What a simulated socket lives in. */
export interface SocketWorld<Socket> {
  readonly time: VirtualTime
  readonly random: Random
  readonly whatsapp: WhatsApp
  readonly owner: Owner
  /** The order of names and events in which a line of Baileys differs from the other. */
  readonly line: 'v6' | 'v7'
  readonly keepAliveMs: number
  /** A number that grows whenever the library moves on: a new socket, files moved. */
  readonly epoch: () => number
  readonly onClose: (socket: Socket, ending: Ending) => void
  readonly onOpen: (socket: Socket) => void
  /** A write of a socket that is over was taken, although the library has moved on. */
  readonly onLateWrite: () => void
  readonly onCode: (socket: Socket, code: string) => void
}

export type Keys = ConnectOptions['auth']['keys']
export type KeyData = Parameters<Keys['set']>[0]

/** How a dial ends that never reaches the server. */
export const hindrances: Partial<Record<Network, Ending>> = {
  gone: { message: 'WebSocket Error (getaddrinfo ENOTFOUND)', code: 408, errno: 'ENOTFOUND' },
  portal: { message: 'WebSocket Error (Unexpected server response: 511)', code: 511 },
  garbage: { message: 'Unsupported state or unable to authenticate data' },
  clock: { message: 'WebSocket Error (certificate is not yet valid)', code: 500, errno: 'CERT_NOT_YET_VALID' },
}

/** An ending as Baileys throws it. */
export const boom = ({ message, code, data, errno }: Ending): Error =>
  Object.assign(new Error(message), {
    ...(code === undefined ? {} : { isBoom: true, output: { statusCode: code } }),
    ...(data === undefined ? {} : { data }),
    ...(errno === undefined ? {} : { code: errno }),
  })

/** A message as the transport tells it, before anything is read. */
export const stanzaOf = ({ id, contact, begins }: Message) => ({
  tag: 'message',
  attrs: { id, from: contact.jid },
  content: [{ tag: 'enc', attrs: { type: begins ? 'pkmsg' : 'msg' } }],
})
