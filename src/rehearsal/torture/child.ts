// Where a stranger's `connect` runs: a process of its own, which may hang, leak or die.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { askedAlready } from '../fake-whatsapp/asked-already.ts'
import { startFakeWhatsApp, trust } from '../fake-whatsapp/index.ts'
import type { FromChild, SubjectKind, ToChild } from './messages.ts'
import { run, type Subject } from './run.ts'
import { parseSchedule } from './schedule.ts'

const [path = '', kind, ...names] = process.argv.slice(2) as [string, SubjectKind, ...string[]]
const tell = (message: FromChild) => process.send?.(message)

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')
const heapBytes = (): number => {
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

/**
 * Every Baileys that the module can reach by one of the names is led to the fake server, whatever it is configured with
 * by default.
 */
async function lead(server: Awaited<ReturnType<typeof startFakeWhatsApp>>): Promise<readonly string[]> {
  const { resolve } = createRequire(path)
  const led: string[] = []
  for (const name of names) {
    const entry = (() => {
      try {
        return resolve(name)
      } catch {
        return undefined
      }
    })()
    if (entry === undefined) continue
    const baileys: unknown = await import(pathToFileURL(entry).href)
    const { WA_CERT_DETAILS, DEFAULT_CONNECTION_CONFIG } = Object(baileys)
    if (typeof DEFAULT_CONNECTION_CONFIG !== 'object') continue
    if (typeof WA_CERT_DETAILS === 'object') trust({ WA_CERT_DETAILS }, server.rootKey)
    Object.assign(DEFAULT_CONNECTION_CONFIG, server.clientOptions, { placeholderResendCache: askedAlready })
    led.push(name)
  }
  return led
}

/** What the module exports under the name of its kind, or as its default. */
async function subjectOf(): Promise<Subject | undefined> {
  const module: unknown = await import(pathToFileURL(path).href)
  const { [kind]: named, default: fallback } = Object(module)
  const found = [named, fallback].find((one) => typeof one === 'function')
  if (found === undefined) return undefined
  return kind === 'loop' ? { loop: found } : { connect: found }
}

// Without its parent nobody is left to end it.
process.on('disconnect', () => process.exit(1))
try {
  const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  const led = await lead(server)
  const subject = await subjectOf()
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
  tell({ type: 'refused', why: 'broken', error: error instanceof Error ? error.message : String(error) })
}
