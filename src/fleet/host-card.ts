import type { HostCard } from './coordination.ts'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * What a host told of itself, as far as it can be read: it may run another version, or its card may be sealed with
 * another key.
 */
export const hostCardOf = (value: unknown): HostCard => {
  if (!isObject(value)) return {}
  const most = 'most' in value && typeof value.most === 'number' ? { most: value.most } : {}
  const online = 'online' in value && typeof value.online === 'number' ? { online: value.online } : {}
  return {
    ...most,
    ...online,
    ...('has' in value && typeof value.has === 'number' ? { has: value.has } : {}),
    ...('leaving' in value && value.leaving === true ? { leaving: true } : {}),
    ...('offline' in value && value.offline === true ? { offline: true } : {}),
  }
}
