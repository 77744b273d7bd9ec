import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchTimers } from './left-timers.ts'
import { type FakeWhatsApp, type FakeWhatsAppOptions, startFakeWhatsApp } from './server.ts'

/** The server hears of a client's end a moment after the client. */
const partingMs = 1_000

/**
 * Runs a test against a server of its own and a path for an auth folder that does not exist yet; both are gone when it
 * resolves, and it resolves with what the test gave. `options` are those of `startFakeWhatsApp`. Rejects with what the
 * test threw, and with a plain Error if a client is still connected at the end of a test that went well: a gateway that
 * nobody stopped would dial for ever and keep the test's process alive. What timers Baileys itself left behind hold the
 * process no longer.
 */
export async function withFakeWhatsApp<T>(
  test: (server: FakeWhatsApp, auth: string) => T | Promise<T>,
  options: FakeWhatsAppOptions = {},
): Promise<T> {
  const letTimersGo = watchTimers()
  const server = await startFakeWhatsApp(options).catch((error: unknown) => {
    letTimersGo()
    throw error
  })
  const place = await mkdtemp(join(tmpdir(), 'fake-whatsapp-'))
  try {
    const result = await test(server, join(place, 'auth'))
    const left = await stillConnected(server)
    if (left > 0)
      throw new Error(
        `${left} client${left === 1 ? ' is' : 's are'} still connected at the end of the test. Stop what the test has started, for instance with \`await line.stop()\`.`,
      )
    return result
  } finally {
    await server.stop()
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
    letTimersGo()
  }
}

async function stillConnected(server: FakeWhatsApp): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  let late = false
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      late = true
      resolve()
    }, partingMs)
  })
  while (server.connections.length > 0 && !late) await Promise.race([server.next('closed'), over])
  clearTimeout(timer)
  return server.connections.length
}
