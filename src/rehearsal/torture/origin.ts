import { dirname, join, sep } from 'node:path'

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

/** This package's code as stacks name it; that is not where it lies if Node maps them to the sources. */
const here = join(
  ...framesOf(callsHere())
    .slice(0, 1)
    .map(({ path }) => dirname(path)),
  '..',
  '..',
  sep,
)
const machines = join(here, '..', 'machines', sep)
/** What this package has for tests, and is no part of a gateway. */
const stagehands = ['fake-whatsapp', 'torture', 'demo', 'conversation'].map((folder) =>
  join(here, 'rehearsal', folder, sep),
)
/** Whoever adds a listener of the process comes by here: it stands in the way of all that the process tells. */
const passage = join(here, 'baileys', 'strays')
const meters = [...['leaks', 'origin'].map((name) => join(here, 'rehearsal', 'torture', name)), passage]

/** Who called, judged by the innermost frame that is somebody's own: libraries count for those who call them. */
export function originOf(calls: Calls, connectFolder: string): Origin {
  for (const { path, row } of framesOf(calls)) {
    if (ofBaileys.test(path)) return { owner: 'baileys' }
    if (path.includes('/node_modules/') || meters.some((name) => path.startsWith(name))) continue
    if (stagehands.some((folder) => path.startsWith(folder))) return { owner: 'other' }
    if (path.startsWith(here) || path.startsWith(machines)) return { owner: 'lifeline' }
    if (path.startsWith(connectFolder)) return { owner: 'connect', where: `${path.slice(connectFolder.length)}:${row}` }
  }
  return { owner: 'other' }
}
