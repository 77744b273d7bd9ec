import { createRequire } from 'node:module'
import { dirname } from 'node:path'

/** Whose code it was that made something. */
export type Owner = 'connect' | 'lifeline' | 'baileys' | 'other'

export interface Origin {
  readonly owner: Owner
  /** `my-connect.js:12`, for code of `connect`. */
  readonly where?: string
}

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

interface Frame {
  readonly path: string
  readonly row: string
}

const framesOf = ({ stack }: Calls): readonly Frame[] =>
  String(stack)
    .split('\n')
    .flatMap((line) => {
      const [, path, row] = frame.exec(line.trim()) ?? []
      return path === undefined || row === undefined ? [] : [{ path, row }]
    })

const root = dirname(createRequire(import.meta.url).resolve('baileys-lifeline/package.json')).replaceAll('\\', '/')
/** This package's code, be it its sources, compiled or packed, by its path from the root. */
const ownCode = /^(?:(?:dist\/)?(?:src|machines)|lib)\//
/** What this package has for tests, and is no part of a gateway. */
const stagehands = /^(?:(?:dist\/)?src\/rehearsal\/|lib\/rehearsal-)/
/**
 * What takes the measure, and what whoever adds a listener of the process comes by: it stands in the way of all that
 * the process tells.
 */
const meters = /^(?:dist\/)?src\/(?:rehearsal\/torture\/(?:leaks|origin)|baileys\/strays)\.|^lib\/(?:meter|strays)\./

/** Who called, judged by the innermost frame that is somebody's own: libraries count for those who call them. */
export function originOf(calls: Calls, connectFolder: string): Origin {
  for (const { path, row } of framesOf(calls)) {
    if (ofBaileys.test(path)) return { owner: 'baileys' }
    const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : ''
    if (meters.test(inside)) continue
    if (stagehands.test(inside)) return { owner: 'other' }
    if (ownCode.test(inside)) return { owner: 'lifeline' }
    if (path.includes('/node_modules/')) continue
    if (path.startsWith(connectFolder)) return { owner: 'connect', where: `${path.slice(connectFolder.length)}:${row}` }
  }
  return { owner: 'other' }
}
