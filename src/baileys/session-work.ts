import type { KeyData, SocketTransport } from './socket.ts'
import { isOpen } from './transport-state.ts'

/** What `SessionTurns.exchange` calls the session of an address. */
export const sessionRecord = (address: string): string => `session ${address}`

/** What `SessionTurns.exchange` calls the key with which a device writes in a group. */
export const senderKeyRecord = (group: string, address: string): string => `sender-key ${group} ${address}`

/**
 * The sessions and sender keys of one socket that operations work on. Kept by name and not in an async context: up to
 * Node 22 every promise of the process is charged for such a context, and Baileys 6 has none by itself.
 */
export class SessionWork {
  readonly #records = new Set<string>()
  #transport: SocketTransport | undefined

  /** The connection over which the results leave. */
  over(transport: SocketTransport): void {
    this.#transport = transport
  }

  begin(records: readonly string[]): void {
    for (const record of records) this.#records.add(record)
  }

  end(records: readonly string[]): void {
    for (const record of records) this.#records.delete(record)
  }

  /**
   * Whether these are changes of such an operation on a connection that is over. What was encrypted cannot leave, and
   * what was decrypted cannot be acknowledged: nobody will ever know what it changed. Each record is at work for one
   * operation at a time, so what changes it is that operation, or Baileys 7's transaction of it.
   */
  isInVain(data: KeyData): boolean {
    if (this.#records.size === 0 || isOpen(this.#transport) !== false) return false
    const names = Object.keys(data)
    return this.#changesRecord(data) || (names.length > 0 && names.every((name) => isByTheWay(name, data[name])))
  }

  #changesRecord(data: KeyData): boolean {
    return (
      Object.keys(data.session ?? {}).some((address) => this.#records.has(sessionRecord(address))) ||
      Object.keys(data['sender-key'] ?? {}).some((id) => this.#records.has(recordOfSenderKey(id)))
    )
  }
}

/** What nothing but such an operation writes, and writes by itself on Baileys 6: a pre-key of ours is used up. */
const isByTheWay = (name: string, values: KeyData[string]): boolean =>
  name === 'identity-key' || (name === 'pre-key' && Object.values(values ?? {}).every((value) => value === null))

/** libsignal keeps it as `<group>::<user>::<device>`. */
function recordOfSenderKey(id: string): string {
  const [group = '', user = '', device = ''] = id.split('::')
  return senderKeyRecord(group, `${user}.${device}`)
}
