import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import { createLifeline } from '../src/index.ts'
import type { FakeWhatsApp } from '../src/rehearsal/fake-whatsapp/index.ts'

/** A new folder; `LIFELINE_BENCH_DIR` puts it on another disk. */
export const newFolder = (): Promise<string> =>
  mkdtemp(join(process.env.LIFELINE_BENCH_DIR ?? tmpdir(), 'lifeline-bench-'))

/** Links an account to the fake server through the library itself, and leaves the folder at rest. */
export async function linkedFolder(server: FakeWhatsApp, number: string, baileys = v7): Promise<string> {
  server.trust(baileys)
  const folder = await newFolder()
  const line = createLifeline({
    auth: folder,
    connect: ({ auth, logger, caches }) => baileys.makeWASocket({ ...server.clientOptions, auth, logger, ...caches }),
  })
  const healthy = new Promise<void>((resolve) => {
    line.on('status', ({ state }) => state === 'healthy' && resolve())
  })
  line.on('qr', ({ code }) => {
    void server.phone(number).scan(code)
  })
  await line.start()
  await healthy
  await line.stop()
  return folder
}
