import { fileURLToPath } from 'node:url'

/** Whose code it was that made something. */
export type Owner = 'connect' | 'lifeline' | 'baileys' | 'other'

export interface Origin {
  readonly owner: Owner
  /** `my-connect.js:12`, for code of `connect`. */
  readonly where?: string
}

const here = fileURLToPath(new URL('..', import.meta.url))
const machines = fileURLToPath(new URL('../../machines/', import.meta.url))
/** What this package has for tests, and is no part of a gateway. */
const stagehands = ['fake-whatsapp/', 'torture/', 'demo/'].map((folder) => here + folder)
const ofBaileys = /\/node_modules\/(?:@whiskeysockets\/)?baileys[^/]*\//
const frame = /(?:file:\/\/)?(\/[^():]+|[A-Za-z]:[^():]+):(\d+):\d+\)?$/
const depth = 40

/** Where the program was at a moment; it is put into words only when somebody asks. */
export interface Calls {
  readonly stack?: string | undefined
}

export function callsHere(): Calls {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = depth
  const calls = new Error('where')
  Error.stackTraceLimit = stackTraceLimit
  return calls
}

/** Who called, judged by the innermost frame that is somebody's own: libraries count for those who call them. */
export function originOf({ stack = '' }: Calls, connectFolder: string): Origin {
  for (const line of stack.split('\n').slice(1)) {
    const [, path = '', row = ''] = frame.exec(line.trim()) ?? []
    if (path === '') continue
    if (ofBaileys.test(path)) return { owner: 'baileys' }
    if (path.includes('/node_modules/')) continue
    if (stagehands.some((folder) => path.startsWith(folder))) {
      if (!path.startsWith(`${here}torture/leaks`) && !path.startsWith(`${here}torture/origin`))
        return { owner: 'other' }
    } else if (path.startsWith(here) || path.startsWith(machines)) return { owner: 'lifeline' }
    else if (path.startsWith(connectFolder))
      return { owner: 'connect', where: `${path.slice(connectFolder.length)}:${row}` }
  }
  return { owner: 'other' }
}
