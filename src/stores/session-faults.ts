import { read } from '../errors/error-chain.ts'

/** `reads`: messages in it can still be read. `nothing`: no message of that device, in either direction. */
export interface SessionFault {
  readonly what: string
  readonly still: 'reads' | 'nothing'
}

const entriesIn = (record: unknown): readonly unknown[] => {
  const sessions = read(record, '_sessions')
  return typeof sessions === 'object' && sessions !== null ? Object.values(sessions) : []
}

const isOpen = (entry: unknown): boolean => read(read(entry, 'indexInfo'), 'closed') === -1
const hasText = (value: unknown): boolean => typeof value === 'string' && value !== ''

const chainsOf = (entry: unknown): readonly unknown[] => {
  const chains = read(entry, '_chains')
  return typeof chains === 'object' && chains !== null ? Object.values(chains) : []
}

/** A chain goes on as long as it has its key; libsignal takes the key of one that is over. */
const isAlive = (chain: unknown): boolean => hasText(read(read(chain, 'chainKey'), 'key'))

/** Why a stored session that libsignal can load cannot work; undefined if nothing speaks against it. */
export function sessionFault(record: unknown): SessionFault | undefined {
  const entries = entriesIn(record)
  if (entries.length === 0) return undefined
  const open = entries.find(isOpen)
  if (open === undefined) return { what: 'has no session that is open', still: 'reads' }
  const chains = chainsOf(open)
  if (chains.length === 0) return { what: 'has lost its chains', still: 'nothing' }
  if (!chains.some(isAlive)) return { what: 'has lost the keys of its chains', still: 'nothing' }
  if (!hasText(read(read(open, 'currentRatchet'), 'rootKey'))) return { what: 'has no root key', still: 'nothing' }
  if (typeof read(open, 'registrationId') !== 'number') return { what: 'has no registration id', still: 'reads' }
  return undefined
}
