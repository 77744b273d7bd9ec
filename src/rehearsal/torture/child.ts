// Where a stranger's `connect` runs: a process of its own, which may hang, leak or die.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { torturedHere } from './stranger.ts'
import type { SubjectKind } from './subject.ts'

const [path = '', kind, ...names] = process.argv.slice(2) as [string, SubjectKind, ...string[]]

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

// Without its parent nobody is left to end it.
process.on('disconnect', () => process.exit(1))
await torturedHere({
  path,
  kind,
  names,
  heapBytes: () => {
    collect()
    return process.memoryUsage().heapUsed
  },
  tell: (message) => process.send?.(message),
  hear: (listener) => void process.on('message', listener),
})
