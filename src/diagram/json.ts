import type { AnyStateNode } from 'xstate'
import { guardText } from './guard.ts'

/** Keys whose functions make sense only beside the code. */
const left = new Set(['context', 'input', 'types'])

function plain(key: string, value: unknown): unknown {
  if (left.has(key)) return undefined
  if (typeof value !== 'function') return value
  return key === 'guard' ? { type: guardText(value) } : { type: value.name || 'inline' }
}

/**
 * The machine as JSON that Stately Studio imports and `createMachine` reads: names, tags, descriptions and order as
 * they are in the code, services, actions and guards by name. Initial context and inputs are left out: they are
 * functions.
 */
export const toJson = (root: AnyStateNode): string => `${JSON.stringify(root.config, plain, 2)}\n`
