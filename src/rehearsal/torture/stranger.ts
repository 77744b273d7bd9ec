import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type FakeWhatsApp, startFakeWhatsApp } from '../fake-whatsapp/index.ts'
import { lead } from './lead.ts'
import type { FromChild, ToChild } from './messages.ts'
import { run } from './run.ts'
import { parseSchedule } from './schedule.ts'
import { type SubjectKind, subjectIn } from './subject.ts'

interface StrangerParts {
  /** Of the module that exports what is tortured. */
  readonly path: string
  readonly kind: SubjectKind
  /** By which the module may know Baileys. */
  readonly names: readonly string[]
  /** Of this process, after a collection. */
  readonly heapBytes: () => number
  /** To whoever has started this process. */
  readonly tell: (message: FromChild) => void
  readonly hear: (listener: (message: ToChild) => void) => void
  /** Where it is led to. Default: a server of its own. */
  readonly start?: () => Promise<FakeWhatsApp>
  /** What plays a schedule. */
  readonly play?: typeof run
}

/** Loads a stranger's module, says whether it can be tortured, and plays each schedule that is heard of on it. */
export async function torturedHere(parts: StrangerParts): Promise<void> {
  const { path, kind, names, heapBytes, tell, hear, start = ownServer, play = run } = parts
  const broken = (error: unknown) => {
    const { message = String(error) } = Object(error) as { message?: string }
    tell({ type: 'refused', why: 'broken', error: message })
  }
  try {
    const server = await start()
    const led = await lead(path, names, server)
    const subject = subjectIn(await import(pathToFileURL(path).href), kind)
    if (led.length === 0) return tell({ type: 'refused', why: 'no-baileys' })
    if (!subject) return tell({ type: 'refused', why: 'no-connect' })
    hear(({ schedule: text }) => {
      const schedule = parseSchedule(text)
      if ('unknown' in schedule) return
      play({ ...subject, server, connectFolder: `${dirname(path)}/`, schedule }).then(
        (result) => tell({ type: 'result', result, heapBytes: heapBytes() }),
        broken,
      )
    })
    tell({ type: 'ready' })
  } catch (error) {
    broken(error)
  }
}

const ownServer = () => startFakeWhatsApp({ claimedPreKeys: 1 })
