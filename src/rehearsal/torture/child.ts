// Where a stranger's `connect` runs: a process of its own, which may hang, leak or die.
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startFakeWhatsApp } from '../fake-whatsapp/index.ts'
import { lead } from './lead.ts'
import type { FromChild, ToChild } from './messages.ts'
import { run } from './run.ts'
import { parseSchedule } from './schedule.ts'
import type { SubjectKind } from './subject.ts'
import { subjectIn } from './subject.ts'

const [path = '', kind, ...names] = process.argv.slice(2) as [string, SubjectKind, ...string[]]
const tell = (message: FromChild) => process.send?.(message)

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')
const heapBytes = (): number => {
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

// Without its parent nobody is left to end it.
process.on('disconnect', () => process.exit(1))
try {
  const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  const led = await lead(path, names, server)
  const subject = subjectIn(await import(pathToFileURL(path).href), kind)
  if (led.length === 0) tell({ type: 'refused', why: 'no-baileys' })
  else if (!subject) tell({ type: 'refused', why: 'no-connect' })
  else {
    process.on('message', ({ schedule: text }: ToChild) => {
      const schedule = parseSchedule(text)
      if ('unknown' in schedule) return
      run({ ...subject, server, connectFolder: `${dirname(path)}/`, schedule }).then(
        (result) => tell({ type: 'result', result, heapBytes: heapBytes() }),
        (error: unknown) => tell({ type: 'refused', why: 'broken', error: String(error) }),
      )
    })
    tell({ type: 'ready' })
  }
} catch (error) {
  tell({ type: 'refused', why: 'broken', error: String(error) })
}
