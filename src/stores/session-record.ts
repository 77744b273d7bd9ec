import { libsignal } from '../baileys/libsignal.ts'

/** Whether libsignal can load a stored session. */
export const loadsAsSession = (data: unknown): boolean => {
  try {
    // Without a version libsignal would migrate it and print to the console; the rest of the shape is checked all the
    // same. What is no object holds no session to it.
    const versioned = typeof data === 'object' ? data !== null && 'version' in data : false
    const quiet = versioned || data === null ? data : { ...(typeof data === 'object' ? data : {}), version: 'v1' }
    libsignal().signal.SessionRecord.deserialize(quiet)
    return true
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith('The libsignal')) throw error
    return false
  }
}
