import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as baileys from '@whiskeysockets/baileys'
import { createLifeline } from '../../src/index.ts'
import { startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'

/**
 * A folder that real Baileys has paired and chatted with two contacts in, so that it holds sessions; nothing uses it
 * any more.
 */
export async function linkedFolder(): Promise<string> {
  const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  server.trust(baileys)
  const phone = server.phone('491700000001')
  const folder = join(await mkdtemp(join(tmpdir(), 'lifeline-cli-')), 'auth')
  const line = createLifeline({
    auth: folder,
    connect: ({ auth, logger }) => baileys.makeWASocket({ ...server.clientOptions, auth, logger }),
  })
  line.on('qr', ({ code }) => void phone.scan(code))
  const healthy = new Promise<void>((resolve) => {
    line.on('status', ({ state }) => state === 'healthy' && resolve())
  })
  await line.start()
  await healthy
  for (const name of ['Ada', 'Bela', 'Chen']) {
    const { delivered } = await server
      .contact(name)
      .send(phone, `Hello from ${name}`)
      .then((one) => ({ delivered: one.delivered() }))
    await delivered
  }
  await line.stop()
  await server.stop()
  return folder
}
