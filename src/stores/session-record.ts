import { createRequire } from 'node:module'
import { entryOfBaileys } from '../installed/baileys.ts'

interface SessionRecord {
  deserialize(data: unknown): unknown
}

let loaded: SessionRecord | undefined

/**
 * libsignal's own reader of stored sessions, of the very copy that Baileys uses; beside a fork under another name, the
 * one that this package sees.
 */
const sessionRecord = (): SessionRecord => {
  if (loaded) return loaded
  const ofBaileys = createRequire(entryOfBaileys() ?? import.meta.url)
  const { SessionRecord: found } = ofBaileys('libsignal') as { readonly SessionRecord?: SessionRecord }
  if (typeof found?.deserialize !== 'function') throw new TypeError('The libsignal beside Baileys has no SessionRecord')
  loaded = found
  return found
}

/** Whether libsignal can load a stored session. */
export const loadsAsSession = (data: unknown): boolean => {
  try {
    // Without a version libsignal would migrate it and print to the console; the rest of the shape is checked all the
    // same. What is no object holds no session to it.
    const versioned = typeof data === 'object' ? data !== null && 'version' in data : false
    const quiet = versioned || data === null ? data : { ...(typeof data === 'object' ? data : {}), version: 'v1' }
    sessionRecord().deserialize(quiet)
    return true
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith('The libsignal')) throw error
    return false
  }
}
